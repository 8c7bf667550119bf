#include "grpc/call.hpp"

#include "base/recorder.hpp"
#include "http/content/gzip.hpp"
#include "http/error_text.hpp"
#include "http/fast/connection.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/http2/stream.hpp"
#include "http/fast/session.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace katydid {
namespace {

using clock = Loop::clock;
using Kind = GrpcOperation::Kind;

constexpr std::size_t most_unsent = 64 * 1024;  // before a writer waits for the server to take it
constexpr std::size_t much_unread = 1 << 20;    // holds the server back
/// In a row, each of which has said that the call was not looked at.
constexpr int most_refusals = 5;

}  // namespace

GrpcCall::GrpcCall(FastSession& session, std::string_view method, Shape shape, const GrpcOptions& options,
                   const GrpcMetadata& metadata)
    : Timer(&GrpcCall::on_timer),
      session_(&session),
      loop_(session.engine().loop()),
      shape_(shape),
      compresses_(options.compression),
      catches_(options.catch_response && !shape.streams_replies),
      timeout_(options.timeout),
      reader_(std::min<std::uint64_t>(options.max_message, std::numeric_limits<std::int32_t>::max())) {
  prepare(method, options, metadata);
}

GrpcCall::~GrpcCall() {
  settle();  // one that was to be judged, and whose result nobody took
  abandon();
  if (armed()) loop_.disarm(*this);
}

void GrpcCall::finish_message(std::string& out) const {
  std::string_view message = std::string_view(out).substr(grpc_prefix_size);
  if (compresses_) {
    const std::string smaller = gzip(message);
    out.clear();
    return append_grpc_message(out, smaller, true);
  }
  const auto size = static_cast<std::uint32_t>(message.size());
  for (std::size_t i = 1; i < grpc_prefix_size; ++i)
    out[i] = static_cast<char>(size >> (8U * static_cast<unsigned>(grpc_prefix_size - 1 - i)) & 0xffU);
}

void GrpcCall::writes_done() {
  if (std::exchange(ends_, true) || state_ != State::under_way) return;
  pump();
}

bool GrpcCall::begin(Operation& operation, Context& context) {
  if (state_ == State::idle) start(context);
  switch (operation.kind) {
    case Kind::read:
      if (begin_read(operation)) return true;
      break;
    case Kind::write:
      if (begin_write(operation)) return true;
      break;
    case Kind::over:
      if (is_over()) return true;
      break;
    case Kind::head:
      if (is_over() || answer_.has_head()) return true;
      break;
    case Kind::end:
      if (is_over()) return true;
      writes_done();
      if (!shape_.streams_replies) break;
      drops_ = true;
      drop();
      unread_ = {};
      unread_bytes_ = 0;
      hold_back();
      break;
  }
  waiting_.push_back(&operation);
  return false;
}

bool GrpcCall::begin_read(Operation& operation) {
  if (unread_.empty()) return is_over();
  unread_bytes_ -= unread_.front();
  unread_.pop();
  hold_back();
  operation.success = true;
  return true;
}

bool GrpcCall::begin_write(Operation& operation) {
  if (is_over() || ends_) return true;
  outgoing_.append(operation.payload);
  pump();
  operation.success = true;
  return outgoing_.size() < most_unsent;
}

/// A call that has one reply, and that nobody waits for, is not wanted.
void GrpcCall::forget(Operation& operation) {
  std::erase(waiting_, &operation);
  if (operation.kind == Kind::end && !shape_.streams_replies) cut_off();
}

void GrpcCall::start(Context& context) {
  context_ = &context;
  state_ = State::under_way;
  start_ = clock::now();
  if (!says_traceparent_) span_ = RequestSpan::begin(context.class_name);
  if (soon_) return loop_.arm(*this, loop_.now());
  connect();
}

/// Sends what there is, when all before it is sent.
void GrpcCall::pump() {
  if (!open_ || sending_ || !channel_ || (outgoing_.empty() && !ends_)) return;
  Http2Stream& stream = *channel_.stream();
  sending_ = true;
  if (!shape_.streams_requests) return stream.send(outgoing_, true);
  stream.send_owned(std::exchange(outgoing_, {}), ends_);
  if (!ends_) stream.tell_when_sent();
}

void GrpcCall::on_sent() {
  const auto keep = shared_from_this();
  sending_ = false;
  pump();
  while (outgoing_.size() < most_unsent) {
    Operation* const writer = take_waiting(Kind::write);
    if (!writer) return;
    writer->tell();
  }
}

bool GrpcCall::on_field(std::string_view name, std::string_view value) { return answer_.take_field(name, value); }

bool GrpcCall::on_fields_end() {
  if (!answer_.end_of_fields()) return false;
  if (!answer_.has_head()) return true;
  reader_.set_encoding(answer_.encoding());
  const auto keep = shared_from_this();
  while (Operation* const waiting = take_waiting(Kind::head)) waiting->tell();
  return true;
}

void GrpcCall::on_received(std::string_view bytes) {
  const auto keep = shared_from_this();
  using Progress = GrpcMessageReader::Progress;
  while (!is_over()) {
    const auto progress = reader_.feed(bytes);
    if (progress == Progress::more) return;
    if (progress == Progress::failed) return fail(reader_.failure().code, reader_.failure().message);
    take_message(reader_.message());
  }
}

void GrpcCall::take_message(std::string_view message) {
  length_ += message.size();
  if (++messages_ > 1 && !shape_.streams_replies)
    return fail(GrpcCode::internal, "the server sent more than one message, and this method has one");
  if (drops_) return;
  if (!take(message)) return fail(GrpcCode::internal, "a message of the server can't be parsed");
  if (!shape_.streams_replies) return;
  if (Operation* const reader = take_waiting(Kind::read)) {
    reader->success = true;
    return reader->tell();
  }
  unread_.push(message.size());
  unread_bytes_ += message.size();
  hold_back();
}

void GrpcCall::hold_back() {
  if (channel_) channel_.hold(unread_bytes_ > much_unread);
}

void GrpcCall::on_whole() {
  const auto keep = shared_from_this();
  GrpcStatus status = answer_.end(reader_.at_boundary());
  if (status.ok() && messages_ == 0 && !shape_.streams_replies)
    status = {GrpcCode::internal, "the status is OK, and there is no message"};
  const Channel channel = std::exchange(channel_, {});
  channel.stream()->body_sent() ? channel.finish() : channel.give_up();
  end(std::move(status));
}

void GrpcCall::on_ended(int error) {
  fail(GrpcCode::unavailable, error != 0 ? system_error_text(error, place()) : with_place(no_answer, place()));
}

void GrpcCall::on_truncated(std::string error) { fail(GrpcCode::unavailable, std::move(error)); }

void GrpcCall::on_failed(std::string error) {
  if (!answer_.failure().ok()) return fail(answer_.failure().code, answer_.failure().message);
  fail(GrpcCode::unavailable, std::move(error));
}

void GrpcCall::on_reset(std::uint32_t code, std::string error) { fail(code_of_reset(code), std::move(error)); }

void GrpcCall::on_refused(std::string error) {
  if (++refusals_ > most_refusals || shape_.streams_requests) return fail(GrpcCode::unavailable, std::move(error));
  abandon();
  open_ = sending_ = false;
  connect();
}

/// The client is gone, and with it what was under way.
void GrpcCall::on_abandoned() {
  channel_ = {};
  soon_ = GrpcStatus{GrpcCode::cancelled, "the client is gone"};
  loop_.arm(*this, loop_.now());
}

void GrpcCall::fail_soon(std::string error) {
  soon_ = GrpcStatus{GrpcCode::unavailable, std::move(error)};
  loop_.arm(*this, loop_.now());
}

void GrpcCall::set_alarm() {
  if (soon_) return;
  auto when = clock::time_point::max();
  if (timeout_.count() > 0) when = start_ + timeout_;
  if (!open_ && connect_timeout_.count() > 0) when = std::min(when, start_ + connect_timeout_);
  if (when != clock::time_point::max()) loop_.arm(*this, when);
}

void GrpcCall::on_timer(Timer& self) {
  auto& call = static_cast<GrpcCall&>(self);
  const auto keep = call.shared_from_this();
  if (call.is_over()) return call.tell_all();
  if (call.soon_) return call.fail(call.soon_->code, std::string(call.soon_->message));
  const auto now = call.loop_.now();
  if (call.timeout_.count() > 0 && now >= call.start_ + call.timeout_) {
    if (call.open_ && call.channel_) call.channel_->doubt(call.start_);
    return call.fail(GrpcCode::deadline_exceeded, "Deadline Exceeded");
  }
  if (!call.open_ && now >= call.start_ + call.connect_timeout_)
    return call.fail(GrpcCode::unavailable, with_place("ConnectTimeout: no connection within " +
                                                           std::to_string(call.connect_timeout_.count()) + " ms",
                                                       call.place()));
  call.set_alarm();
}

std::string GrpcCall::place() const {
  const auto place = endpoint({.url = url_, .unix_socket = session_->unix_socket()});
  return proxy_ ? through_proxy(place, proxy_->text) : place;
}

bool GrpcCall::was_sent() const { return channel_ && channel_.stream()->was_sent(); }

void GrpcCall::abandon() {
  if (const Channel channel = std::exchange(channel_, {})) channel.give_up();
}

void GrpcCall::cancel() {
  if (state_ != State::under_way) return;
  const auto keep = shared_from_this();
  is_cancel_ = true;
  abandon();
  end({GrpcCode::cancelled, "the call was cancelled"}, Tell::soon);
}

void GrpcCall::leave() {
  if (state_ != State::under_way) return;
  if (context_->cancelled || !waiting_.empty()) return cut_off();
  cancel();
}

void GrpcCall::cut_off() {
  if (state_ != State::under_way) return;
  if (was_sent()) {
    context_->recorder.cut_off("grpc", name_);
    if (span_) span_->cut_off("grpc", name_, url_, SpanOf::grpc);
  }
  counted_ = true;
  abandon();
  end({GrpcCode::cancelled, "nobody waits for it any more"}, Tell::soon);
}

void GrpcCall::fail(GrpcCode code, std::string message) {
  const auto keep = shared_from_this();
  abandon();
  end({code, std::move(message)});
}

void GrpcCall::end(GrpcStatus status, Tell tell) {
  if (is_over()) return;
  state_ = State::over;
  end_ = std::max(loop_.now(), start_);
  status_ = std::move(status);
  if (armed()) loop_.disarm(*this);
  try {
    if (is_cancel_) {
      settle("");
    } else if (!catches_) {
      settle();
      thrown_ = std::exchange(context_->thrown, nullptr);
    }
  } catch (const std::bad_alloc&) {
    thrown_ = std::current_exception();
  }
  if (tell == Tell::now) return tell_all();
  if (!waiting_.empty()) loop_.arm(*this, loop_.now());
}

void GrpcCall::tell_all() {
  while (Operation* const waiting = first_waiting()) waiting->tell();
}

void GrpcCall::settle(std::optional<std::string_view> error) {
  if (!is_over() || std::exchange(counted_, true)) return;
  const std::string own = error ? std::string() : status_.error();
  record(error ? *error : own);
}

void GrpcCall::record(std::string_view error) {
  const Sample sample{.method = "grpc",
                      .name = name_,
                      .response_time = elapsed(),
                      .response_length = length_,
                      .error = error,
                      .url = url_};
  context_->recorder.record(sample);
  if (span_) span_->end_call(sample, name_of(status_.code));
}

GrpcOperation* GrpcCall::take_waiting(Operation::Kind kind) {
  const auto found = std::ranges::find(waiting_, kind, &Operation::kind);
  if (found == waiting_.end()) return nullptr;
  Operation* const operation = *found;
  waiting_.erase(found);
  return operation;
}

GrpcOperation* GrpcCall::first_waiting() {
  if (waiting_.empty()) return nullptr;
  Operation* const operation = waiting_.front();
  waiting_.erase(waiting_.begin());
  operation->success = false;
  return operation;
}

}  // namespace katydid
