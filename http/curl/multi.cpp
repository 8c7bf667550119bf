#include "http/curl/multi.hpp"

#include "http/curl/memory.hpp"
#include "http/curl/transfer.hpp"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <stdexcept>

namespace katydid {
namespace {

/// More idle connections per user than any user needs; libcurl's own limit would depend on how many others are busy.
constexpr long max_idle_connections = 64;
/// Of all transfers together, and of one alone: so much that pauses cost it little.
constexpr std::size_t bytes_of_turn = 32 << 20, most_of_turn = 4 << 20;
constexpr auto never = Loop::clock::time_point::max();

void initialise_libcurl() {
  static std::once_flag once;
  std::call_once(once, [] {
    init_curl();
    // OpenSSL writes to sockets without MSG_NOSIGNAL: a server that closes first would end the program.
    struct sigaction current {};
    if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
  });
}

}  // namespace

CurlMulti::CurlMulti(Loop& loop)
    : Timer(&CurlMulti::on_timer), loop_(loop), sockets_(loop, &CurlMulti::on_ready, this) {
  initialise_libcurl();
  multi_.reset(curl_multi_init());
  if (!multi_) throw std::runtime_error("cannot create a libcurl multi handle: out of memory or of descriptors");
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timeout);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, max_idle_connections);
  loop_.arm(*this, never);
}

CurlMulti::~CurlMulti() {
  multi_.reset();
  loop_.disarm(*this);
}

CURLMcode CurlMulti::add(CURL* easy) {
  for (auto* const list : {&news_, &paused_, &continuing_}) list->reserve(static_cast<std::size_t>(in_multi_) + 1);
  adding_ = true;
  const auto code = curl_multi_add_handle(multi_.get(), easy);
  adding_ = false;
  if (code != CURLM_OK) return code;
  ++in_multi_;
  run(CURL_SOCKET_TIMEOUT, 0);
  // Something ended at once. The caller is inside a coroutine, so the loop has to bring the news.
  if ((alive_ != in_multi_ || !news_.empty()) && !collecting_) loop_.arm(*this, loop_.now());
  return CURLM_OK;
}

void CurlMulti::remove(CURL* easy) {
  curl_multi_remove_handle(multi_.get(), easy);
  --in_multi_;
}

std::size_t CurlMulti::part_of_turn() const {
  return std::min(bytes_of_turn / static_cast<std::size_t>(std::max(in_multi_, 1)), most_of_turn);
}

void CurlMulti::continue_soon(CurlTransfer& transfer) {
  paused_.push_back(&transfer);
  loop_.arm(*this, loop_.now());
}

void CurlMulti::forget(CurlTransfer& transfer) {
  for (auto* const list : {&news_, &paused_, &continuing_}) std::erase(*list, &transfer);
}

void CurlMulti::tell_soon(CurlTransfer& transfer) {
  news_.push_back(&transfer);
  if (!running_ && !collecting_) loop_.arm(*this, loop_.now());
}

void CurlMulti::run(int fd, int bits) {
  running_ = true;
  curl_multi_socket_action(multi_.get(), fd, bits, &alive_);
  running_ = false;
}

/// What has ended comes first: a short body is there as a whole.
void CurlMulti::collect() {
  if (collecting_) return;
  collecting_ = true;
  collect_ended();
  while (!news_.empty()) {
    CurlTransfer* const transfer = news_.back();
    news_.pop_back();
    transfer->tell();
    collect_ended();
  }
  collecting_ = false;
}

void CurlMulti::collect_ended() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    reinterpret_cast<CurlTransfer*>(transfer)->completed(message->data.result);
  }
}

int CurlMulti::on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  try {
    static_cast<CurlMulti*>(self)->sockets_.set_interest(fd, what);
  } catch (const std::exception& error) {
    char* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (transfer) reinterpret_cast<CurlTransfer*>(transfer)->refuse(error.what());
  }
  return 0;
}

int CurlMulti::on_timeout(CURLM*, long milliseconds, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (multi.adding_) return 0;  // it asks for the run that follows
  auto when = never;
  if (milliseconds == 0) when = multi.loop_.now();
  if (milliseconds > 0) when = Loop::clock::now() + std::chrono::milliseconds(milliseconds);
  multi.loop_.arm(multi, when);
  return 0;
}

void CurlMulti::on_ready(void* self, int fd, int bits) {
  static_cast<CurlMulti*>(self)->run(fd, bits);
  static_cast<CurlMulti*>(self)->collect();
}

void CurlMulti::on_timer(Timer& self) {
  auto& multi = static_cast<CurlMulti&>(self);
  multi.loop_.arm(multi, never);
  multi.continuing_.swap(multi.paused_);
  while (!multi.continuing_.empty()) {
    CurlTransfer* const transfer = multi.continuing_.back();
    multi.continuing_.pop_back();
    transfer->go_on();
  }
  multi.run(CURL_SOCKET_TIMEOUT, 0);
  multi.collect();
}

}  // namespace katydid
