#pragma once

#include "grpc/answer.hpp"
#include "grpc/message_reader.hpp"
#include "grpc/operation.hpp"
#include "grpc/options.hpp"
#include "http/fast/channel.hpp"
#include "http/fast/connection_user.hpp"
#include "http/proxy.hpp"
#include "http/span.hpp"
#include "http/url.hpp"
#include "net/loop.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class FastSession;
struct Http2Head;

/// One call of a user, from its request to its status, all by callbacks of the loop: a stream of HTTP/2, which goes
/// over any connection of the user's that has room. It counts as one entry "grpc" when it ends. Nothing happens before
/// its first operation.
class GrpcCall : public ConnectionUser, Timer, public std::enable_shared_from_this<GrpcCall> {
 public:
  struct Shape {
    bool streams_requests = false, streams_replies = false;
  };

  /// All of the options is taken over. `metadata`: of all calls.
  GrpcCall(FastSession& session, std::string_view method, Shape shape, const GrpcOptions& options,
           const GrpcMetadata& metadata = {});
  virtual ~GrpcCall();
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  /// Of a call that has one: the request, before the call begins. It is put behind what `write(std::string&)` gets.
  template <class Write>
  void set_request(Write&& write) {
    outgoing_ = framed(write);
    writes_done();
  }
  /// A message with its prefix, compressed where that was asked for.
  template <class Write>
  std::string framed(Write&& write) const {
    std::string out(grpc_prefix_size, '\0');
    write(out);
    finish_message(out);
    return out;
  }
  /// Nothing more is written.
  void writes_done();
  /// Ends the call at the user's wish: counted, without an error.
  void cancel();
  /// With catch_response it is counted by this: as a failure for that reason, as none for "", and without one by its
  /// status. Once.
  void settle(std::optional<std::string_view> error = std::nullopt);
  /// Its user lets go of it: the same, or cut off when the user is stopped. @{
  void leave();
  void cut_off();
  /// @}

  bool has_begun() const { return state_ != State::idle; }
  bool is_over() const { return state_ == State::over; }
  /// Once it is over.
  const GrpcStatus& status() const { return status_; }
  const GrpcMetadata& initial_metadata() const { return answer_.initial_metadata; }
  const GrpcMetadata& trailing_metadata() const { return answer_.trailing_metadata; }
  /// From the beginning to the end.
  std::chrono::nanoseconds elapsed() const { return end_ - start_; }
  /// Once it is over: what a listener has thrown for who waits for it, once. @{
  std::exception_ptr take_thrown() { return std::exchange(thrown_, nullptr); }
  void rethrow() {
    if (const auto thrown = take_thrown()) std::rethrow_exception(thrown);
  }
  /// @}

  void fail_soon(std::string error) override;

 protected:
  /// A message has come; false when it can't be parsed.
  virtual bool take(std::string_view message) = 0;
  /// Those that were not read are not wanted.
  virtual void drop() = 0;

 private:
  friend class GrpcOperation;
  enum class State : std::uint8_t { idle, under_way, over };
  using Operation = GrpcOperation;

  void finish_message(std::string& out) const;
  bool begin(Operation& operation, Context& context);
  bool begin_read(Operation& operation);
  bool begin_write(Operation& operation);
  void forget(Operation& operation);

  // The connection below.
  void on_open() override;
  void on_received(std::string_view bytes) override;
  void on_ended(int error) override;
  void on_truncated(std::string error) override;
  void on_failed(std::string error) override;
  void on_reset(std::uint32_t code, std::string error) override;
  void on_sent() override;
  void on_abandoned() override;
  bool on_field(std::string_view name, std::string_view value) override;
  bool on_fields_end() override;
  void on_whole() override;
  void on_refused(std::string error) override;
  std::string place() const override;
  const Proxy* proxy() const override { return proxy_ ? &*proxy_ : nullptr; }
  static void on_timer(Timer& self);

  void prepare(std::string_view method, const GrpcOptions& options, const GrpcMetadata& metadata);
  void start(Context& context);
  void connect();
  void send_head();
  void pump();
  void take_message(std::string_view message);
  void hold_back();
  void set_alarm();
  bool was_sent() const;
  void abandon();
  void fail(GrpcCode code, std::string message);
  enum class Tell : std::uint8_t { now, soon };
  /// Counts it, and tells all who wait: where somebody ends it who may be one of them, in the loop's next turn.
  void end(GrpcStatus status, Tell tell = Tell::now);
  void tell_all();
  void record(std::string_view error);
  Operation* take_waiting(Operation::Kind kind);
  Operation* first_waiting();

  FastSession* session_;
  Loop& loop_;
  Channel channel_;
  Shape shape_;
  State state_ = State::idle;
  bool compresses_, catches_;
  std::chrono::milliseconds timeout_, connect_timeout_{};

  std::string url_, name_, lines_;
  Url parts_;  // of url_
  std::optional<Proxy> proxy_;

  // What is sent: of a single request all of it, as it may have to be sent again.
  std::string outgoing_;
  bool ends_ = false, open_ = false, sending_ = false;
  int refusals_ = 0;

  std::unique_ptr<RequestSpan> span_;  // null: it is not traced
  bool says_traceparent_ = false;      // in its metadata, which is the user's to say

  GrpcAnswer answer_;
  GrpcMessageReader reader_;
  std::uint64_t length_ = 0, messages_ = 0;
  std::queue<std::size_t, std::list<std::size_t>> unread_;  // the sizes of messages that nobody has read yet
  std::size_t unread_bytes_ = 0;
  bool drops_ = false, counted_ = false, is_cancel_ = false;

  GrpcStatus status_;
  std::optional<GrpcStatus> soon_;  // what it ends with in the loop's next turn
  std::vector<Operation*> waiting_;
  Context* context_ = nullptr;
  std::exception_ptr thrown_;
  Loop::clock::time_point start_{}, end_{};
};

}  // namespace katydid
