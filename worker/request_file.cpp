#include "worker/request_file.hpp"

#include "base/value.hpp"
#include "worker/log/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.request"};
/// A write is of about so much, or of what came in so long.
constexpr std::size_t enough = 256 * 1024;
constexpr std::chrono::milliseconds long_enough{200};

std::atomic<RequestFile*> current = nullptr;

Value text_or_null(std::string_view text) { return text.empty() ? Value() : Value(text); }

std::string text_of(const RequestFile::Line& line) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const bool timed = line.response_time >= line.response_time.zero();
  const bool has_context = line.context && !line.context->as_object().empty();
  const Value fields{{"start_time", std::chrono::duration<double>(line.start_time.time_since_epoch()).count()},
                     {"request_type", line.request_type},
                     {"name", line.name},
                     {"response_time", timed ? Value(Milliseconds(line.response_time).count()) : Value()},
                     {"response_length", line.response_length},
                     {"status", line.status > 0 ? Value(line.status) : Value()},
                     {"exception", text_or_null(line.exception)},
                     {"url", text_or_null(line.url)},
                     {"context", has_context ? *line.context : Value()}};
  return fields.dump() + "\n";
}

}  // namespace

RequestFile* RequestFile::of_process() { return current; }

RequestFile::RequestFile(const std::string& path, std::size_t most) : path_(path), most_(most) {
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    throw std::runtime_error("--request-log can't write to " + path + ": " + std::strerror(errno) +
                             ". Name a file in a folder that there is and that you may write to");
  }
  current = this;
}

RequestFile::~RequestFile() {
  finish();
  ::close(descriptor_);
}

void RequestFile::write(const Line& line) {
  std::call_once(begun_, [this] { thread_ = std::thread([this] { run(); }); });
  std::string text = text_of(line);
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (ends_ || waiting_.size() + text.size() > most_) {
      ++dropped_;
      return;
    }
    waiting_ += text;
    wakes = waiting_.size() >= enough;
  }
  if (wakes) changed_.notify_one();
}

void RequestFile::run() {
  std::unique_lock lock(mutex_);
  while (!ends_ || !waiting_.empty()) {
    changed_.wait_for(lock, long_enough, [this] { return ends_ || waiting_.size() >= enough; });
    std::string text = std::exchange(waiting_, {});
    lock.unlock();
    put(std::move(text));
    lock.lock();
  }
}

/// All in one call as far as that goes, so that lines of several processes stay whole. A disk that is full takes part
/// of it: the lines that are whole are there, and what comes when it has room again begins with a line of its own.
void RequestFile::put(std::string text) {
  if (cut_ && !text.empty()) text.insert(0, 1, '\n');
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto size = ::write(descriptor_, rest.data(), rest.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      if (!std::exchange(told_, true)) logger.error("--request-log can't write to {}: {}", path_, std::strerror(errno));
      dropped_ += static_cast<std::uint64_t>(std::ranges::count(rest, '\n')) - (rest.size() == text.size() && cut_);
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(size));
    cut_ = text[text.size() - rest.size() - 1] != '\n';
  }
}

void RequestFile::finish() {
  RequestFile* self = this;
  current.compare_exchange_strong(self, nullptr);
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  if (dropped_ > 0) {
    logger.warning(
        "{} lines of the request log {} were dropped: its disk did not take them, or not as fast as they came",
        dropped_.load(), path_);
  }
}

}  // namespace katydid
