#include "websocket/client.hpp"

#include "http/fast/client.hpp"
#include "websocket/connection.hpp"

namespace katydid {
namespace {

const std::string no_text;

template <class Pending>
Pending sending(WebSocketConnection* connection, WebSocketOperation::Kind kind, Opcode opcode, std::string&& payload,
                std::string_view name) {
  Pending pending(connection, kind);
  pending.opcode = opcode;
  pending.payload = std::move(payload);
  pending.name = name;
  return pending;
}

using Asked = PendingOnWebSocket<WebSocketMessage>;

Asked asking(WebSocketConnection* connection, Opcode opcode, std::string payload, const AskOptions& options) {
  auto asked = sending<Asked>(connection, WebSocketOperation::Kind::ask, opcode, std::move(payload), options.name);
  asked.timeout = options.timeout;
  asked.answer = options.answer;
  return asked;
}

}  // namespace

WebSocket::WebSocket() = default;
WebSocket::WebSocket(std::unique_ptr<WebSocketConnection> connection) : connection_(std::move(connection)) {}
WebSocket::WebSocket(WebSocket&&) noexcept = default;
WebSocket& WebSocket::operator=(WebSocket&&) noexcept = default;
WebSocket::~WebSocket() = default;

PendingOnWebSocket<void> WebSocket::send(std::string text, std::string_view name) {
  return sending<PendingOnWebSocket<void>>(connection_.get(), WebSocketOperation::Kind::send, Opcode::text,
                                           std::move(text), name);
}

PendingOnWebSocket<void> WebSocket::send_binary(std::string bytes, std::string_view name) {
  return sending<PendingOnWebSocket<void>>(connection_.get(), WebSocketOperation::Kind::send, Opcode::binary,
                                           std::move(bytes), name);
}

PendingOnWebSocket<WebSocketMessage> WebSocket::ask(std::string text, const AskOptions& options) {
  return asking(connection_.get(), Opcode::text, std::move(text), options);
}

PendingOnWebSocket<WebSocketMessage> WebSocket::ask_binary(std::string bytes, const AskOptions& options) {
  return asking(connection_.get(), Opcode::binary, std::move(bytes), options);
}

PendingOnWebSocket<std::optional<WebSocketMessage>> WebSocket::receive(std::chrono::milliseconds limit) {
  PendingOnWebSocket<std::optional<WebSocketMessage>> pending(connection_.get(), WebSocketOperation::Kind::receive);
  pending.timeout = limit;
  return pending;
}

PendingOnWebSocket<void> WebSocket::ping(std::chrono::milliseconds limit) {
  PendingOnWebSocket<void> pending(connection_.get(), WebSocketOperation::Kind::ping);
  pending.timeout = limit;
  return pending;
}

PendingOnWebSocket<void> WebSocket::close(std::uint16_t code, std::string_view reason) {
  PendingOnWebSocket<void> pending(connection_.get(), WebSocketOperation::Kind::close);
  pending.code = code;
  pending.payload = reason;
  return pending;
}

bool WebSocket::is_open() const { return connection_ && connection_->is_open(); }
const std::string& WebSocket::subprotocol() const { return connection_ ? connection_->subprotocol() : no_text; }
std::uint16_t WebSocket::close_code() const { return connection_ ? connection_->close_code() : 0; }
const std::string& WebSocket::close_reason() const { return connection_ ? connection_->close_reason() : no_text; }

PendingWebSocket::PendingWebSocket(std::unique_ptr<WebSocketConnection> connection)
    : connection_(std::move(connection)), opening_(connection_.get(), WebSocketOperation::Kind::connect) {}
PendingWebSocket::PendingWebSocket(PendingWebSocket&&) noexcept = default;
PendingWebSocket::~PendingWebSocket() = default;

WebSocket PendingWebSocket::await_resume() {
  opening_.await_resume();
  return WebSocket(std::move(connection_));
}

PendingWebSocket WebSocketClient::connect(std::string_view url, const WebSocketOptions& options) {
  return PendingWebSocket(std::make_unique<WebSocketConnection>(http_.session(), url, options));
}

}  // namespace katydid
