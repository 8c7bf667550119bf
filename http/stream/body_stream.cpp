#include "http/stream/body_stream.hpp"

#include "http/error_text.hpp"

#include <algorithm>
#include <utility>

namespace katydid {
namespace {
// Bytes that wait to be taken: with more the connection is held back, until there are fewer than the lesser.
constexpr std::size_t many = 256 * 1024;
constexpr std::size_t few = 64 * 1024;

/// Of the first line's end; two searches of the C library's, which are faster than one for both.
std::size_t find_end(std::string_view text, std::size_t from) {
  const std::size_t feed = text.find('\n', from);
  const std::size_t carriage_return = text.substr(0, feed).find('\r', from);
  return carriage_return == text.npos ? feed : carriage_return;
}
}  // namespace

BodyStream::~BodyStream() { end_of_wait(); }

void BodyStream::take(std::size_t size) {
  taken_ += size;
  searched_ -= std::min(searched_, size);
  if (held_ && open_ && pending().size() < few) hold(held_ = false);
}

std::optional<std::string_view> BodyStream::take_line() {
  const auto all = pending();
  const auto end = find_end(all, searched_);
  if (end == all.npos) {
    searched_ = all.size();
    if (open_ || all.empty()) return {};
    take(all.size());
    return all;
  }
  std::size_t length = end + 1;
  if (all[end] == '\r') {
    if (length == all.size()) {
      after_return_ = true;
    } else if (all[length] == '\n') {
      ++length;
    }
  }
  take(length);
  searched_ = 0;
  return all.substr(0, end);
}

const ServerSentEvent* BodyStream::take_event() {
  if (!events_) events_ = std::make_unique<EventParser>(limits_.most_pending);
  while (const auto line = take_line()) {
    const auto progress = events_->take(*line);
    if (progress == EventParser::Progress::event) return &events_->event();
    if (progress == EventParser::Progress::too_large) fail(body_too_large(limits_.most_pending));
  }
  return nullptr;
}

void BodyStream::close() {
  if (open_) return fail("ClosedError: the stream was closed");
  take(pending().size());
}

/// Ends it here, also where all has come.
void BodyStream::fail(std::string error) {
  take(pending().size());
  if (open_) abandon();
  ended(std::move(error));
}

void BodyStream::wait(Waiter& waiter) {
  waiter_ = &waiter;
  if (held_) hold(held_ = false);  // it wants more than a lot
  const auto now = Loop::clock::now();
  if (ends_with_whole(now)) {
    loop_.arm(*this, limits_.begin + limits_.whole);
  } else if (limits_.timeout.count() > 0) {
    loop_.arm(*this, now + limits_.timeout);
  }
}

/// Whether that limit is the first one of those that begin now.
bool BodyStream::ends_with_whole(Loop::clock::time_point now) const {
  if (limits_.whole.count() == 0) return false;
  return limits_.timeout.count() == 0 || limits_.begin + limits_.whole <= now + limits_.timeout;
}

void BodyStream::stop_waiting() {
  waiter_ = nullptr;
  end_of_wait();
}

void BodyStream::end_of_wait() {
  if (armed()) loop_.disarm(*this);
}

std::string& BodyStream::receiving() {
  if (taken_ > 0 && (taken_ == buffer_.size() || taken_ > buffer_.size() / 2)) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return buffer_;
}

void BodyStream::received() {
  if (pending().empty()) return;
  if (std::exchange(after_return_, false) && pending().front() == '\n') take(1);
  if (pending().empty()) return;
  if (!waiter_) {
    if (!held_ && pending().size() > many) hold(held_ = true);
    return;
  }
  if (pending().size() > limits_.most_pending) {
    abandon();
    return ended(body_too_large(limits_.most_pending));
  }
  wake();
}

void BodyStream::ended(std::string error) {
  open_ = false;
  error_ = std::move(error);
  if (std::exchange(after_return_, false) && !pending().empty() && pending().front() == '\n') take(1);
  if (waiter_) wake();
}

void BodyStream::wake() {
  end_of_wait();
  std::exchange(waiter_, nullptr)->on_more();
}

void BodyStream::on_timer(Timer& self) {
  auto& stream = static_cast<BodyStream&>(self);
  const Limits& limits = stream.limits_;
  const bool whole = limits.whole.count() > 0 && stream.loop_.now() >= limits.begin + limits.whole;
  stream.abandon();
  stream.ended(whole ? "BodyTimeout: the body did not end within " + std::to_string(limits.whole.count()) + " ms"
                     : "BodyTimeout: no more of the body within " + std::to_string(limits.timeout.count()) + " ms");
}

void BodyReading::suspend(std::coroutine_handle<> waiting, Context& context) {
  if (context.parks()) return;
  waiting_ = waiting;
  stream_->wait(*this);
}

void BodyReading::on_more() {
  if (!is_done()) return stream_->wait(*this);
  std::exchange(waiting_, nullptr).resume();
}

bool ReadPiece::is_done() {
  if (!stream()) return true;
  piece_ = stream()->pending().substr(0, most_);
  stream()->take(piece_.size());
  return !piece_.empty() || !stream()->is_open();
}

bool ReadLine::is_done() {
  if (!stream()) return true;
  line_ = stream()->take_line();
  return line_ || !stream()->is_open();
}

bool ReadEvent::is_done() {
  if (!stream()) return true;
  event_ = stream()->take_event();
  return event_ || !stream()->is_open();
}

}  // namespace katydid
