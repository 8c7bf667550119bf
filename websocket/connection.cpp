#include "websocket/connection.hpp"

#include "base/recorder.hpp"
#include "http/error_text.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/session.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace katydid {
namespace {

using clock = Loop::clock;
using time_point = clock::time_point;

constexpr time_point never = time_point::max();
constexpr std::size_t most_unsent = 64 * 1024;  // before a sender waits for the kernel to have taken it
constexpr std::size_t much_unread = 1 << 20;    // holds the server back

time_point after(time_point start, std::chrono::milliseconds limit) {
  return limit.count() > 0 ? start + limit : never;
}

std::string within(std::string text, std::chrono::milliseconds limit) {
  return text.append(" within ").append(std::to_string(limit.count())).append(" ms");
}

}  // namespace

WebSocketConnection::WebSocketConnection(FastSession& session, std::string_view url, const WebSocketOptions& options)
    : Timer(&WebSocketConnection::on_timer),
      session_(&session),
      loop_(session.engine().loop()),
      offer_{.key = new_handshake_key(), .compression = options.compression},
      open_timeout_(options.open_timeout),
      timeout_(options.timeout),
      close_timeout_(options.close_timeout),
      ping_interval_(options.ping_interval),
      ping_timeout_(options.ping_timeout),
      reader_(options.max_message) {
  for (const std::string_view each : options.subprotocols) {
    if (!each.empty()) offer_.subprotocols.emplace_back(each);
  }
  prepare(url, options);
}

WebSocketConnection::~WebSocketConnection() {
  if (gone_) *gone_ = true;
  leave({});
  if (armed()) loop_.disarm(*this);
  for (Operation* each : waiting_) {
    each->connection_ = nullptr;
    loop_.arm(*each, loop_.now());
  }
  for (Operation* each : ended_) {
    each->connection_ = nullptr;
    loop_.arm(*each, loop_.now());
  }
}

std::string WebSocketConnection::place() const {
  const auto place = endpoint({.url = url_, .unix_socket = session_ ? session_->unix_socket() : std::string()});
  return proxy_ ? through_proxy(place, proxy_->text) : place;
}

bool WebSocketConnection::begin(Operation& operation) {
  switch (operation.kind) {
    case Kind::connect:
      return begin_open(operation);
    case Kind::send:
      return begin_send(operation);
    case Kind::ask:
      return begin_ask(operation);
    case Kind::receive:
      return begin_receive(operation);
    case Kind::ping:
      return begin_ping(operation);
    case Kind::close:
      break;
  }
  return begin_close(operation);
}

/// There is room for its end from now on, as it may end for want of memory.
void WebSocketConnection::wait(Operation& operation, std::chrono::milliseconds timeout) {
  ended_.reserve(ended_.size() + waiting_.size() + 1);
  waiting_.push_back(&operation);
  operation.wait(*operation.context_, timeout);
  hold_back();
}

bool WebSocketConnection::begin_open(Operation& operation) {
  context_ = operation.context_;
  state_ = State::connecting;
  if (!says_traceparent_) span_ = RequestSpan::begin(context_->class_name);
  wait(operation, open_timeout_);
  if (!error_.empty()) {
    fail_soon(error_);
    return false;
  }
  const TlsChoice tls = session_->tls_for(RequestOptions());
  connection_ = &session_->new_connection(parts_, tls, proxy_ ? &*proxy_ : nullptr, HttpVersion::http1);
  connection_->begin(*this);
  return false;
}

bool WebSocketConnection::begin_send(Operation& operation) {
  if (state_ != State::open) {
    operation.error = error_;
    record(operation, "WSS", {}, 0, false);
    return true;
  }
  send_frame(operation.opcode, operation.payload);
  unsent_bytes_ += operation.payload.size();
  if (unsent_bytes_ < most_unsent) {
    record(operation, "WSS", {}, operation.payload.size(), false);
    return true;
  }
  wait(operation, operation.timeout.count() > 0 ? operation.timeout : timeout_);
  connection_->tell_when_sent();
  return false;
}

bool WebSocketConnection::begin_ask(Operation& operation) {
  if (state_ != State::open) {
    operation.error = error_;
    record(operation, "WSC", {}, 0, true);
    return true;
  }
  wait(operation, operation.timeout.count() > 0 ? operation.timeout : timeout_);
  send_frame(operation.opcode, operation.payload);
  return false;
}

bool WebSocketConnection::begin_receive(Operation& operation) {
  if (!unread_.empty()) {
    operation.message = std::move(unread_.front());
    unread_.pop_front();
    unread_bytes_ -= operation.message->data.size();
    hold_back();
    record(operation, "WSR", {}, operation.message->data.size(), false);
    return true;
  }
  if (state_ == State::closing || state_ == State::closed) {
    if (!got_close_ && !sent_close_) operation.error = error_;
    return true;
  }
  wait(operation, operation.timeout);
  return false;
}

bool WebSocketConnection::begin_ping(Operation& operation) {
  if (state_ != State::open) {
    operation.error = error_;
    record(operation, "WS", " ping", 0, true);
    return true;
  }
  operation.payload = "ping " + std::to_string(++pings_);
  wait(operation, operation.timeout.count() > 0 ? operation.timeout : timeout_);
  send_frame(Opcode::ping, operation.payload);
  return false;
}

bool WebSocketConnection::begin_close(Operation& operation) {
  if (!connection_) return true;
  if (state_ == State::open) {
    close_start_ = operation.start_;
    state_ = State::closing;
    error_ = "ConnectionClosed: this WebSocket was closed";
    send_close(operation.code, operation.payload);
  }
  wait(operation, std::chrono::milliseconds(0));
  linger_until_ = after(clock::now(), close_timeout_);
  set_alarm();
  return false;
}

/// An answer that nobody waits for any more would be taken for that of the next question, so the connection goes as
/// well, as that of a request does.
void WebSocketConnection::forget(Operation& operation, bool cut) {
  std::erase(waiting_, &operation);
  std::erase(ended_, &operation);
  hold_back();
  if (!cut) return;
  count_cut_off(operation);
  if (operation.kind == Kind::connect || (operation.kind == Kind::ask && !operation.answer)) {
    leave("ConnectionClosed: a question to the server was given up");
  }
}

void WebSocketConnection::count_cut_off(const Operation& operation) {
  Recorder& recorder = operation.context_->recorder;
  const std::string name(name_of(operation));
  if (span_ && operation.kind == Kind::connect) span_->cut_off("WS", name, url_, SpanOf::websocket);
  if (span_ && operation.kind == Kind::ask) {
    span_->message({.method = "WSC",
                    .name = name,
                    .response_time = std::max(loop_.now() - operation.start_, clock::duration::zero()),
                    .error = cut_off_error,
                    .url = url_});
  }
  switch (operation.kind) {
    case Kind::connect:
      return recorder.cut_off("WS", name);
    case Kind::send:
      return recorder.cut_off("WSS", name);
    case Kind::ask:
      return recorder.cut_off("WSC", name);
    case Kind::ping:
      return recorder.cut_off("WS", name + " ping");
    case Kind::close:
      if (!close_counted_) recorder.cut_off("WS", name_ + " close");
      close_counted_ = true;
      return;
    case Kind::receive:
      return;
  }
}

void WebSocketConnection::late(Operation& operation) {
  const auto limit = operation.timeout.count() > 0 ? operation.timeout : timeout_;
  switch (operation.kind) {
    case Kind::connect:
      return fail(with_place(within("ConnectTimeout: no WebSocket", open_timeout_), place()), 0);
    case Kind::send:
      return fail(with_place(within("Timeout: the server took too little", limit), place()), close_code::going_away);
    case Kind::ask:
      operation.error = with_place(within("Timeout: no answer", limit), place());
      record(operation, "WSC", {}, 0, true);
      if (!operation.answer) {
        finish(operation);
        leave("ConnectionClosed: a question to the server had no answer in time");
        end_waiting(error_);
        return tell_ended();
      }
      break;
    case Kind::ping:
      operation.error = with_place(within("Timeout: no pong", limit), place());
      record(operation, "WS", " ping", 0, true);
      break;
    default:
      operation.error = with_place(within("Timeout: no message", limit), place());
  }
  finish(operation);
  tell_ended();
}

void WebSocketConnection::on_received(std::string_view bytes) {
  reading_ = true;  // nobody is told meanwhile, who might let go of this
  try {
    if (state_ == State::connecting) read_answer(bytes);
    if (state_ != State::connecting) read_frames(bytes);
  } catch (const std::bad_alloc&) {
    fail(with_place(no_room, place()), close_code::too_big);
  }
  reading_ = false;
  tell_ended();
}

void WebSocketConnection::read_frames(std::string_view bytes) {
  using Progress = MessageReader::Progress;
  while (!bytes.empty() && connection_ && !got_close_) {
    switch (reader_.feed(bytes)) {
      case Progress::more:
        return;
      case Progress::message:
        take_message();
        break;
      case Progress::ping:
        if (!sent_close_) send_frame(Opcode::pong, reader_.payload());
        break;
      case Progress::pong:
        take_pong(reader_.payload());
        break;
      case Progress::close:
        take_close();
        break;
      case Progress::failed:
        return fail(with_place(reader_.error(), place()), reader_.error_code());
    }
  }
}

void WebSocketConnection::take_message() {
  WebSocketMessage message{std::string(reader_.payload()), reader_.is_text()};
  if (hand_over(message)) return;
  if (sent_close_ && unread_bytes_ > much_unread) return;  // nobody will want it
  unread_bytes_ += message.data.size();
  unread_.push_back(std::move(message));
  hold_back();
}

/// To the first that it is for.
bool WebSocketConnection::hand_over(WebSocketMessage& message) {
  const auto taker = std::ranges::find_if(waiting_, [&](const Operation* each) {
    return each->kind == Kind::receive || (each->kind == Kind::ask && (!each->answer || each->answer(message)));
  });
  if (taker == waiting_.end()) return false;
  Operation& operation = **taker;
  operation.message = std::move(message);
  const bool asked = operation.kind == Kind::ask;
  record(operation, asked ? "WSC" : "WSR", {}, operation.message->data.size(), asked);
  finish(operation);
  return true;
}

void WebSocketConnection::take_pong(std::string_view payload) {
  pong_due_ = never;
  const auto waiting = std::ranges::find_if(
      waiting_, [&](const Operation* each) { return each->kind == Kind::ping && each->payload == payload; });
  if (waiting == waiting_.end()) return;
  Operation& operation = **waiting;
  record(operation, "WS", " ping", payload.size(), true);
  finish(operation);
}

/// The server closes the connection below after that (RFC 6455, 7.1.1).
void WebSocketConnection::take_close() {
  got_close_ = true;
  close_code_ = reader_.code();
  close_reason_ = reader_.payload();
  const bool ours = sent_close_;
  if (!ours) {
    close_start_ = loop_.now();
    send_close(close_code_, {});
    error_ = "ConnectionClosed: the server closed the WebSocket with " +
             (close_code_ == close_code::none ? std::string("no code") : std::to_string(close_code_)) +
             (close_reason_.empty() ? "" : " " + close_reason_);
  }
  const bool usual = ours || close_code_ == close_code::normal || close_code_ == close_code::going_away ||
                     close_code_ == close_code::none;
  record_close(close_start_, usual ? std::string_view() : std::string_view(error_));
  state_ = State::closing;
  for (std::size_t i = 0; i < waiting_.size();) {
    Operation& each = *waiting_[i];
    if (each.kind == Kind::close) {
      ++i;
      continue;
    }
    if (each.kind != Kind::receive) {
      each.error = error_;
      record(each,
             each.kind == Kind::ask    ? "WSC"
             : each.kind == Kind::ping ? "WS"
                                       : "WSS",
             each.kind == Kind::ping ? " ping" : "", 0, each.kind != Kind::send);
    }
    finish(each);
  }
  linger_until_ = after(clock::now(), close_timeout_);
  set_alarm();
}

void WebSocketConnection::on_ended(int error) {
  if (got_close_ || state_ == State::closed) {
    let_go();
    end_waiting({});
    return tell_ended();
  }
  if (is_refused()) return refused();
  fail(error != 0 ? system_error_text(error, place())
                  : with_place(state_ == State::connecting
                                   ? no_answer
                                   : "ConnectionClosed: the server closed the connection without a close frame",
                               place()),
       0);
}

void WebSocketConnection::on_truncated(std::string error) {
  if (got_close_) return on_ended(0);
  fail(std::move(error), 0);
}

void WebSocketConnection::on_failed(std::string error) { fail(std::move(error), 0); }

void WebSocketConnection::on_sent() {
  unsent_bytes_ = 0;
  for (std::size_t i = 0; i < waiting_.size();) {
    Operation& each = *waiting_[i];
    if (each.kind != Kind::send) {
      ++i;
      continue;
    }
    record(each, "WSS", {}, each.payload.size(), false);
    finish(each);
  }
  tell_ended();
}

/// The client is gone, and with it what was under way.
void WebSocketConnection::on_abandoned() {
  connection_ = nullptr;
  session_ = nullptr;
  fail_soon("ConnectionClosed: the client is gone");
}

void WebSocketConnection::fail_soon(std::string error) {
  error_ = std::move(error);
  fails_soon_ = true;
  loop_.arm(*this, loop_.now());
}

void WebSocketConnection::on_timer(Timer& self) {
  auto& connection = static_cast<WebSocketConnection&>(self);
  if (std::exchange(connection.fails_soon_, false)) return connection.fail(std::string(connection.error_), 0);
  const auto now = clock::now();
  if (now >= connection.linger_until_) {
    if (connection.got_close_) {
      connection.let_go();
      connection.end_waiting({});
      return connection.tell_ended();
    }
    return connection.fail(with_place(within("Timeout: no close frame", connection.close_timeout_), connection.place()),
                           0);
  }
  if (connection.state_ != State::open) return connection.set_alarm();
  if (now >= connection.pong_due_) {
    return connection.fail(with_place(within("Timeout: no pong", connection.ping_timeout_), connection.place()),
                           close_code::going_away);
  }
  if (now >= connection.ping_at_) {
    connection.send_frame(Opcode::ping, "keepalive");
    connection.ping_at_ = now + connection.ping_interval_;
    if (connection.pong_due_ == never && !connection.connection_->is_held())
      connection.pong_due_ = after(now, connection.ping_timeout_);
  }
  connection.set_alarm();
}

void WebSocketConnection::set_alarm() {
  const auto next = std::min({ping_at_, pong_due_, linger_until_});
  if (next < never && !fails_soon_) loop_.arm(*this, next);
}

void WebSocketConnection::send_frame(Opcode opcode, std::string_view payload) {
  FrameKind kind{.opcode = opcode};
  if (deflater_ && !is_control(opcode)) {
    if (const auto smaller = deflater_->deflate(payload)) {
      payload = *smaller;
      kind.compressed = true;
    }
  }
  append_frame(connection_->outgoing(), kind, payload, next_masking_key());
  connection_->send();
}

void WebSocketConnection::send_close(std::uint16_t code, std::string_view reason) {
  sent_close_ = true;
  send_frame(Opcode::close, close_payload(code, reason));
}

void WebSocketConnection::fail(std::string error, std::uint16_t code) {
  const bool was_open = state_ == State::open || state_ == State::closing;
  if (code != 0 && connection_ && !sent_close_) send_close(code, {});
  error_ = std::move(error);
  state_ = State::closed;
  if (was_open && !got_close_) {
    close_code_ = close_code::abnormal;
    record_close(loop_.now(), error_);
  }
  let_go();
  end_waiting(error_);
  tell_ended();
}

/// `error` is empty after an orderly end.
void WebSocketConnection::end_waiting(const std::string& error) {
  while (!waiting_.empty()) {
    Operation& each = *waiting_.front();
    each.error = error;
    switch (each.kind) {
      case Kind::connect:
        record(each, "WS", {}, 0, true);
        break;
      case Kind::ask:
        record(each, "WSC", {}, 0, true);
        break;
      case Kind::send:
        record(each, "WSS", {}, 0, false);
        break;
      case Kind::ping:
        record(each, "WS", " ping", 0, true);
        break;
      default:
        break;
    }
    finish(each);
  }
}

void WebSocketConnection::leave() {
  if (state_ == State::idle || state_ == State::closed) return;
  leave("ConnectionClosed: this WebSocket was left");
  if (!waiting_.empty()) fail_soon(std::string(error_));
}

void WebSocketConnection::leave(std::string why) {
  if (state_ == State::open && connection_ && !sent_close_) send_close(close_code::going_away, {});
  error_ = std::move(why);
  let_go();
}

void WebSocketConnection::let_go() {
  if (state_ != State::idle) state_ = State::closed;
  answer_.reset();
  ping_at_ = pong_due_ = linger_until_ = never;
  if (FastConnection* connection = std::exchange(connection_, nullptr)) connection->give_up();
}

/// Where much has come that nobody has received, but not while somebody waits for a frame that is behind it.
void WebSocketConnection::hold_back() {
  const auto waits_for_more = [](const Operation* each) {
    return each->kind != Kind::receive && each->kind != Kind::send;
  };
  const bool held = unread_bytes_ > much_unread && !sent_close_ && std::ranges::none_of(waiting_, waits_for_more);
  if (!connection_ || held == connection_->is_held()) return;
  if (held) pong_due_ = never;  // it would not be read
  connection_->hold(held);
}

void WebSocketConnection::record(Operation& operation, std::string_view method, std::string_view suffix,
                                 std::uint64_t length, bool timed) {
  Context& context = *operation.context_;
  const std::string_view name = name_of(operation);
  const std::string whole = suffix.empty() ? std::string() : std::string(name).append(suffix);
  const Sample sample{.method = method,
                      .name = suffix.empty() ? name : whole,
                      .response_time = timed ? std::max(loop_.now() - operation.start_, clock::duration::zero())
                                             : std::chrono::nanoseconds(-1),
                      .response_length = length,
                      .error = operation.error,
                      .url = url_};
  context.recorder.record(sample);
  if (span_) trace(operation, sample);
  operation.thrown = std::exchange(context.thrown, nullptr);
}

void WebSocketConnection::trace(const Operation& operation, const Sample& sample) const {
  if (operation.kind != Kind::connect) return span_->message(sample);
  constexpr int switching_protocols = 101;
  span_->end_opening(sample, sample.error.empty() ? switching_protocols : refused_status_);
}

void WebSocketConnection::record_close(time_point since, std::string_view error) {
  if (std::exchange(close_counted_, true)) return;
  const std::string name = name_ + " close " + std::to_string(close_code_);
  const Sample sample{.method = "WS",
                      .name = name,
                      .response_time = std::max(loop_.now() - since, clock::duration::zero()),
                      .error = error,
                      .url = url_};
  context_->recorder.record(sample);
  if (span_) span_->message(sample);
}

void WebSocketConnection::finish(Operation& operation) {
  std::erase(waiting_, &operation);
  hold_back();
  if (!operation.thrown) operation.thrown = std::exchange(operation.context_->thrown, nullptr);  // of the close
  operation.end();
  ended_.push_back(&operation);
}

/// Whoever is told may let go of this.
void WebSocketConnection::tell_ended() {
  if (gone_ != nullptr || reading_) return;  // it is under way, or comes
  bool gone = false;
  gone_ = &gone;
  while (!ended_.empty()) {
    Operation& first = *ended_.front();
    ended_.erase(ended_.begin());
    first.tell();
    if (gone) return;
  }
  gone_ = nullptr;
}

}  // namespace katydid
