#include "websocket/operation.hpp"

#include "websocket/connection.hpp"

#include <utility>

namespace katydid {

WebSocketOperation::WebSocketOperation(WebSocketOperation&& other) noexcept
    : Timer(&WebSocketOperation::late),
      kind(other.kind),
      opcode(other.opcode),
      payload(std::move(other.payload)),
      code(other.code),
      name(std::move(other.name)),
      timeout(other.timeout),
      answer(other.answer),
      connection_(other.connection_),
      done_(other.done_) {}

void WebSocketOperation::cancel() {
  if (armed()) context_->loop.disarm(*this);
  const bool cut = state_ == State::waiting, ended = state_ == State::ended;
  state_ = State::told;
  const bool in_flight = std::exchange(in_flight_, false);
  if (connection_ && (cut || ended)) connection_->forget(*this, cut);
  if (in_flight) context_->request_done();
}

bool WebSocketOperation::begin(Context& context) {
  context_ = &context;
  start_ = Loop::clock::now();
  if (!connection_) {
    error = "NotConnected: connect() comes first";
    return true;
  }
  return connection_->begin(*this);
}

void WebSocketOperation::check() const {
  if (thrown) std::rethrow_exception(thrown);
  if (error.empty()) return;
  if (kind == Kind::connect) throw WebSocketError(error, connection_->refused_status(), connection_->refused_body());
  throw WebSocketError(error);
}

void WebSocketOperation::wait(Context& context, std::chrono::milliseconds limit) {
  state_ = State::waiting;
  if (!context.cancelled) {
    ++context.requests_in_flight;
    in_flight_ = true;
  }
  if (limit.count() > 0) context.loop.arm(*this, start_ + limit);
}

void WebSocketOperation::end() {
  if (armed()) context_->loop.disarm(*this);
  state_ = State::ended;
}

void WebSocketOperation::tell() {
  state_ = State::told;
  if (std::exchange(in_flight_, false)) context_->request_done();
  done_(*this);
}

void WebSocketOperation::late(Timer& timer) {
  auto& operation = static_cast<WebSocketOperation&>(timer);
  if (operation.connection_) return operation.connection_->late(operation);
  operation.error = "NotConnected: the WebSocket was let go of";
  operation.tell();
}

}  // namespace katydid
