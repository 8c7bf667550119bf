#pragma once

#include "base/value.hpp"
#include "http/client_options.hpp"
#include "http/content/checksum.hpp"
#include "http/digest_auth.hpp"
#include "http/pending_request.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/span.hpp"
#include "http/stream/body_stream.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

/// What the requests of both clients have in common: time limits, the end with its one record, and what stops a
/// redirect. One request at a time, and one after another.
class Transfer : Timer {
 public:
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Throws what a listener of the request wants its task to get.
  Response take_response() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return std::move(response_);
  }
  /// One that nobody took.
  void drop_response() {
    thrown_ = nullptr;
    response_ = {};
  }
  bool waits_for_connection() const { return waits_; }
  /// The request ends with this error in the loop's next turn.
  void fail_soon(std::string error);

 protected:
  using clock = Loop::clock;

  explicit Transfer(Loop& loop) : Timer(&Transfer::on_timer), loop_(loop) {}
  ~Transfer();

  /// Lets go of what the request is done with: it gets no answer any more.
  virtual void abandon() = 0;
  /// "host:port", for errors.
  virtual std::string place() const = 0;
  /// The time is up for what was asked then, and abandon() comes next.
  virtual void on_time_out(clock::time_point asked) { static_cast<void>(asked); }
  /// The time of wake_at() has come.
  virtual void woken() {}
  /// When the target was last heard of, where that may be later than progressed() says.
  virtual std::optional<clock::time_point> last_arrival() const { return {}; }
  /// Whether all of the answer's headers are there.
  virtual bool has_head() const { return false; }
  /// Whether the target may have seen something of the request.
  virtual bool was_sent() const { return connected_ && !waits_; }

  void set_method(std::string_view method);
  void set_name(std::string_view name);
  void set_limits(const ClientOptions& client, const RequestOptions& options);
  void set_login(const DigestAuth& digest);

  void begin(Context& context, std::coroutine_handle<> waiting);
  bool under_way() const { return context_ != nullptr; }
  /// A checksum is made of a body that is not kept.
  bool sums_pieces() const { return checksum_ && discards_; }
  /// The next piece of such a body. False with an error_.
  bool sum_up(std::string_view piece, const ClientOptions& client, bool is_encoded);
  /// All of the body is there. False with an error_.
  bool finish_checksum(const ClientOptions& client, bool is_encoded);
  /// Of the body that goes on when the request has ended.
  BodyStream::Limits stream_limits(const ClientOptions& client) const {
    return {.timeout = timeout_, .whole = stream_timeout_, .begin = start_, .most_pending = client.max_body};
  }
  void begin_hop(clock::time_point now) {
    hop_start_ = read_start_ = now;
    connected_ = false;
  }
  std::chrono::nanoseconds since_start(clock::time_point now) const { return std::max(now, start_) - start_; }
  /// By the loop's turn: zero where that began before the request did.
  std::chrono::nanoseconds since_start() const { return since_start(loop_.now()); }
  std::chrono::nanoseconds hop_begun() const { return hop_start_ - start_; }
  void now_connected() {
    connected_ = true;
    progressed();
    if (each_read_) watch_deadline();
  }
  /// A limit for each read begins anew. The timer stays where it is: it rings too early, and is then set again.
  void progressed() {
    if (each_read_) read_start_ = std::max(read_start_, loop_.now());
  }
  void wake_at(clock::time_point when);
  void watch_deadline();
  /// Whether to follow a redirect there, for which error_ must be empty then.
  bool may_go_to(const std::string& next, int most_redirects);
  /// Keeps the redirect in content_, when that was asked for, and makes it ready for the next answer.
  void leave_answer(std::string_view reason_phrase);
  /// Records error_, or the answer in content_, and resumes the user: may destroy this.
  void end(std::string_view reason_phrase);
  /// When it is under way, it ends here and is counted as cut off.
  void cut_off();

  Loop& loop_;
  std::string method_, url_, name_, body_;          // of a redirect, method_ stays that of the first request
  std::shared_ptr<const std::string> shared_body_;  // in the place of body_
  bool follows_ = true, keeps_history_ = false;
  bool streams_ = false, decodes_ = true, discards_ = false;
  bool connected_ = false;
  bool waits_ = false;   // for a connection that others use
  bool pauses_ = false;  // until the user has more to send: no limit for a read strikes meanwhile
  int redirects_ = 0;
  bool says_traceparent_ = false;           // in its own headers, which is the user's to say
  std::unique_ptr<RequestSpan> span_;       // of a request that is traced
  std::unique_ptr<DigestLogin> login_;      // of a request with a digest
  std::unique_ptr<BodyChecksum> checksum_;  // of one that asks for one
  std::string error_;
  Response::ContentPointer content_;    // only while it is under way
  std::unique_ptr<BodyStream> stream_;  // of an answer that has one

 private:
  void finish_content(std::string_view reason_phrase);
  void count(Context& context);
  clock::time_point deadline() const;
  void look_for_progress();
  std::string timeout_error() const;
  static void on_timer(Timer& self);

  std::chrono::milliseconds timeout_{}, connect_timeout_{}, stream_timeout_{};
  bool catches_ = false, each_read_ = false;
  std::unique_ptr<Value> request_context_;  // for listeners
  std::exception_ptr thrown_;               // by a listener
  Context* context_ = nullptr;              // only while it is under way
  std::coroutine_handle<> waiting_;
  clock::time_point start_{}, hop_start_{}, read_start_{}, armed_for_{};
  clock::time_point wake_at_ = clock::time_point::max();
  Response response_;
};

template <class T>
PendingRequest<T>::~PendingRequest() {
  if (transfer_) transfer_->release();
}

template <class T>
void PendingRequest<T>::start(std::coroutine_handle<> waiting, Context& context) {
  if (!context.parks()) transfer_->start(context, waiting);
}

template <class T>
Response PendingRequest<T>::await_resume() {
  return transfer_->take_response();
}

}  // namespace katydid
