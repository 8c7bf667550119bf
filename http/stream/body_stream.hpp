#pragma once

#include "http/stream/event_parser.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// The body of an answer as it comes, for a request with `stream`. Where nobody takes what has come, the connection is
/// held back, so that memory stays small whatever the size.
class BodyStream : Timer {
 public:
  /// Whoever waits for more.
  class Waiter {
   public:
    /// More has come, or the end has. Called once for each wait(), from the loop.
    virtual void on_more() = 0;

   protected:
    ~Waiter() = default;
  };

  struct Limits {
    std::chrono::milliseconds timeout{};  ///< without a byte while somebody waits; zero: none
    std::chrono::milliseconds whole{};    ///< from `begin` to the end, for who waits then; zero: none
    Loop::clock::time_point begin{};
    std::uint64_t most_pending = 0;  ///< bytes; more of them, as a line without an end may bring, are an error
  };

  virtual ~BodyStream();
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;

  /// What has come and was not taken: valid until the loop's next turn.
  std::string_view pending() const { return std::string_view(buffer_).substr(taken_); }
  /// So many bytes of pending().
  void take(std::size_t size);
  /// Takes the next line, without its end (LF, CRLF or CR). The last one needs no end. Nothing when no whole line is
  /// there: when is_open(), it may come.
  std::optional<std::string_view> take_line();
  /// Takes the lines of the next server-sent event. Nothing when no whole event is there: when is_open(), it may come.
  /// What it points to is valid until the next one is taken. Closes the stream on an event that is too large.
  const ServerSentEvent* take_event();
  /// More may come.
  bool is_open() const { return open_; }
  /// Why the body ended too early: "IncompleteRead: …", "BodyTimeout: …"; "" when it didn't.
  const std::string& error() const { return error_; }

  /// Takes no more of it: closes the connection, unless all has come.
  void close();

  /// One at a time, and only while is_open(). @{
  void wait(Waiter& waiter);
  void stop_waiting();
  /// @}

 protected:
  BodyStream(Loop& loop, Limits limits) : Timer(&BodyStream::on_timer), loop_(loop), limits_(limits) {}

  /// Where to append what is received, before received() is called. What is pending may move.
  std::string& receiving();
  /// After either of these this may be gone. @{
  void received();
  /// An empty error is the end of a whole body.
  void ended(std::string error = {});
  /// @}
  std::uint64_t most_pending() const { return limits_.most_pending; }

  /// Holds the connection back, or goes on. Only while is_open().
  virtual void hold(bool held) = 0;
  /// Lets go of the connection, from which nothing more is wanted. Only while is_open().
  virtual void abandon() = 0;

 private:
  static void on_timer(Timer& self);
  bool ends_with_whole(Loop::clock::time_point now) const;
  void fail(std::string error);
  void end_of_wait();
  void wake();

  Loop& loop_;
  Limits limits_;
  std::string buffer_, error_;
  std::unique_ptr<EventParser> events_;  // once somebody has asked for one
  std::size_t taken_ = 0;
  std::size_t searched_ = 0;  // so far, from the first byte that is pending, there is no end of a line
  Waiter* waiter_ = nullptr;
  bool open_ = true, held_ = false;
  bool after_return_ = false;  // a line feed that comes now belongs to the line that was taken
};

/// What the readers of a Response return, to be awaited at once.
class BodyReading : BodyStream::Waiter {
 public:
  BodyReading(BodyReading&& before_its_await) noexcept : stream_(before_its_await.stream_) {}
  BodyReading& operator=(BodyReading&&) = delete;

  bool await_ready() { return is_done(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    suspend(waiting, *waiting.promise().context);
  }

 protected:
  /// Without a stream it reads an empty body.
  explicit BodyReading(BodyStream* stream) : stream_(stream) {}
  ~BodyReading() {
    if (waiting_) stream_->stop_waiting();
  }
  /// Looks whether what it waits for is there.
  virtual bool is_done() = 0;
  BodyStream* stream() const { return stream_; }

 private:
  void suspend(std::coroutine_handle<> waiting, Context& context);
  void on_more() override;

  BodyStream* stream_;
  std::coroutine_handle<> waiting_;
};

/// `co_await response.read()`: what has come, valid until the next await; "" at the end.
class [[nodiscard("co_await is missing")]] ReadPiece final : public BodyReading {
 public:
  ReadPiece(BodyStream* stream, std::size_t most) : BodyReading(stream), most_(most == 0 ? 1 : most) {}
  std::string_view await_resume() const { return piece_; }

 private:
  bool is_done() override;

  std::size_t most_;
  std::string_view piece_;
};

/// `co_await response.line()`: the next line without its end, valid until the next await; nothing after the last.
class [[nodiscard("co_await is missing")]] ReadLine final : public BodyReading {
 public:
  explicit ReadLine(BodyStream* stream) : BodyReading(stream) {}
  std::optional<std::string_view> await_resume() const { return line_; }

 private:
  bool is_done() override;

  std::optional<std::string_view> line_;
};

/// `co_await response.next_event()`: the next server-sent event, valid until the next await; nothing after the last.
class [[nodiscard("co_await is missing")]] ReadEvent final : public BodyReading {
 public:
  explicit ReadEvent(BodyStream* stream) : BodyReading(stream) {}
  std::optional<ServerSentEvent> await_resume() const { return event_ ? std::optional(*event_) : std::nullopt; }

 private:
  bool is_done() override;

  const ServerSentEvent* event_ = nullptr;
};

}  // namespace katydid
