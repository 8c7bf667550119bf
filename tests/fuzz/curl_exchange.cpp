#include "tests/fuzz/curl_exchange.hpp"

#include "tests/fuzz/expect.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace {

/// In the abstract name space, so that no file is left behind.
int listen_at(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(name, address.sun_path + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  expect(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd, 1) == 0, "the fuzzer has a server");
  return fd;
}

}  // namespace

CurlExchange::CurlExchange() : easy_(curl_easy_init()) {
  const auto name = "katydid-fuzzer-" + std::to_string(getpid());
  listener_ = listen_at(name);
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_ABSTRACT_UNIX_SOCKET, name.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlExchange::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlExchange::take_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlExchange::take);
}

/// Before the request is sent, which libcurl does not mind.
int CurlExchange::on_connected(void* self, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  expect(exchange.server_ == -1, "one connection is enough");
  exchange.server_ = accept4(exchange.listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const auto size = static_cast<ssize_t>(exchange.answer_.size());
  expect(send(exchange.server_, exchange.answer_.data(), exchange.answer_.size(), MSG_DONTWAIT) == size,
         "the answer fits");
  shutdown(exchange.server_, SHUT_WR);
  return CURL_PREREQFUNC_OK;
}

/// Also gets provisional answers, and trailers.
std::size_t CurlExchange::take_line(char* data, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  const std::string_view line(data, size * count);
  if (!exchange.in_head_ && line.starts_with("HTTP/")) {
    exchange.in_head_ = true;
    exchange.head_.clear();
  } else if (line == "\r\n" || line == "\n") {
    exchange.in_head_ = false;
  } else if (exchange.in_head_) {
    exchange.head_.append(line);
  }
  return line.size();
}

std::size_t CurlExchange::take(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

CurlExchange::Result CurlExchange::run(const char* url, std::string_view answer, bool to_head) {
  Result result;
  answer_ = answer;
  head_.clear();
  in_head_ = false;
  curl_easy_setopt(easy_.get(), CURLOPT_URL, url);
  if (to_head) {
    curl_easy_setopt(easy_.get(), CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, &result.body);
  result.code = curl_easy_perform(easy_.get());
  expect(result.code != CURLE_OPERATION_TIMEDOUT, "libcurl comes to an end");
  expect(server_ != -1, "libcurl connects");
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &result.status);
  result.head = head_;
  result.request.resize(64 * 1024);
  const auto size = recv(server_, result.request.data(), result.request.size(), MSG_DONTWAIT);
  result.request.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  close(server_);
  server_ = -1;
  return result;
}

void CurlExchange::forget_cookies() { curl_easy_setopt(easy_.get(), CURLOPT_COOKIELIST, "ALL"); }
