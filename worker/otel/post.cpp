#include "worker/otel/post.hpp"

#include "base/value.hpp"
#include "base/version.hpp"
#include "http/content/gzip.hpp"
#include "http/url.hpp"
#include "worker/log/log.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <random>
#include <utility>

namespace katydid::otel {
namespace {

using namespace std::chrono_literals;
constexpr log::Logger logger{"katydid.otel"};
constexpr std::size_t most_answer = 64 * 1024;
constexpr std::chrono::milliseconds first_pause = 1s, longest_pause = 5s;

/// Without what may be a secret.
std::string shown(const std::string& url) {
  const Url parts = split_url(url);
  const std::string_view path = parts.target.substr(0, parts.target.find('?'));
  return std::string(parts.secure ? "https://" : "http://").append(parts.authority()).append(path);
}

bool asks_for_patience(long status) { return status == 429 || (status >= 502 && status <= 504); }

/// The endpoint has seen nothing of the export.
bool did_not_connect(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 300)) {
    if (c >= 0x20 && c < 0x7F) out += c;
  }
  return out;
}

/// A little more or less, so that a fleet does not come back all at once.
std::chrono::milliseconds with_chance(std::chrono::milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device()()};
  return pause * std::uniform_int_distribution<int>(80, 120)(random) / 100;
}

}  // namespace

Post::Post(const Endpoint& endpoint, std::string what, Sleep sleep, const std::atomic<clock::time_point>& ends_at)
    : endpoint_(endpoint),
      what_(std::move(what)),
      place_(shown(endpoint.url)),
      sleep_(std::move(sleep)),
      ends_at_(ends_at) {}

void Post::prepare() {
  if (easy_) return;
  easy_.reset(curl_easy_init());
  if (!easy_) throw std::bad_alloc();
  CURL* const easy = easy_.get();
  const auto add = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  };
  add(endpoint_.format == Format::json ? "Content-Type: application/json" : "Content-Type: application/x-protobuf");
  if (endpoint_.gzip) add("Content-Encoding: gzip");
  add("Expect:");
  for (const auto& [name, value] : endpoint_.headers) add(name + (value.empty() ? ";" : ": " + value));
  curl_easy_setopt(easy, CURLOPT_URL, endpoint_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, ("katydid/" + std::string(version)).c_str());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Post::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Post::on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, this);
  const auto file = [&](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(easy, option, path.c_str());
  };
  file(CURLOPT_CAINFO, endpoint_.ca_file);
  file(CURLOPT_SSLCERT, endpoint_.client_certificate);
  file(CURLOPT_SSLKEY, endpoint_.client_key);
}

Post::Outcome Post::send(const std::string& message) {
  const std::string packed = endpoint_.gzip ? gzip(message) : std::string();
  const std::string& body = endpoint_.gzip ? packed : message;
  const auto limit = clock::now() + endpoint_.timeout;
  auto pause = first_pause;
  for (;;) {
    const auto until = std::min(limit, ends_at_.load());
    Try last = try_once(body, until);
    if (last.obstacle == Obstacle::none) {
      if (std::exchange(told_, false)) logger.info("{} reach {} again", what_, place_);
      return Outcome::sent;
    }
    const auto next = clock::now() + std::max(last.wait, with_chance(pause));
    pause = std::min(2 * pause, longest_pause);
    if (last.obstacle == Obstacle::lasting || next >= until || !sleep_(next, last.obstacle)) {
      tell(last.why);
      return Outcome::failed;
    }
  }
}

Post::Try Post::try_once(const std::string& body, clock::time_point until) {
  prepare();
  CURL* const easy = easy_.get();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
  if (left <= 0ms) return {.obstacle = Obstacle::lasting, .why = "there was no time left"};
  answer_.clear();
  message_[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    return {.obstacle = did_not_connect(code) ? Obstacle::no_connection : Obstacle::lasting,
            .why = *message_ ? message_ : curl_easy_strerror(code)};
  }
  long status = 0;
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  if (status >= 200 && status < 300) {
    look_at_answer();
    return {};
  }
  const std::string said = printable(answer_);
  return {.obstacle = asks_for_patience(status) ? Obstacle::server_is_busy : Obstacle::lasting,
          .wait = std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, 3'600)),
          .why = "the answer was " + std::to_string(status) + (said.empty() ? "" : ": " + said)};
}

void Post::tell(const std::string& why) {
  if (std::exchange(told_, true)) return;
  logger.error(
      "{} could not be sent to {}: {}. The test goes on without them. Check OTEL_EXPORTER_OTLP_ENDPOINT: it "
      "has to be a collector's port for HTTP, 4318 by default. This is said once",
      what_, place_, why);
}

/// An endpoint that did not take all says so in its answer, which is empty otherwise.
void Post::look_at_answer() {
  if (told_partial_ || answer_.size() <= 2) return;
  if (endpoint_.format == Format::json) {
    try {
      const Value answer = Value::parse(answer_);
      const Value* const partial = answer.is_object() ? answer.find("partialSuccess") : nullptr;
      if (!partial || !partial->is_object() || partial->as_object().empty()) return;
    } catch (const std::exception&) {  // what it is, is shown
    }
  }
  told_partial_ = true;
  logger.warning("{} did not take all {} that were sent to it: {}", place_, what_, printable(answer_));
}

std::size_t Post::on_body(char* data, std::size_t, std::size_t size, void* self) {
  std::string& answer = static_cast<Post*>(self)->answer_;
  answer.append(data, std::min(size, most_answer - std::min(most_answer, answer.size())));
  return size;
}

int Post::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return clock::now() >= static_cast<Post*>(self)->ends_at_.load() ? 1 : 0;
}

}  // namespace katydid::otel
