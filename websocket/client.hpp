#pragma once

#include "net/context.hpp"
#include "websocket/operation.hpp"
#include "websocket/options.hpp"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace katydid {

class FastHttpClient;

/// What the functions of a WebSocket return: to be awaited at once, or handed to all(), any() or a TaskGroup.
template <class Result>
class [[nodiscard("co_await is missing")]] PendingOnWebSocket : public WebSocketOperation {
 public:
  PendingOnWebSocket(WebSocketConnection* connection, Kind what)
      : WebSocketOperation(connection, what, &PendingOnWebSocket::resume) {}
  PendingOnWebSocket(PendingOnWebSocket&&) noexcept = default;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    Context& context = *waiting.promise().context;
    if (context.parks()) return true;
    waiting_ = waiting;
    return !begin(context);
  }
  Result await_resume() {
    check();
    if constexpr (std::is_same_v<Result, WebSocketMessage>) {
      return std::move(*message);
    } else if constexpr (!std::is_void_v<Result>) {
      return std::move(message);
    }
  }

 private:
  static void resume(WebSocketOperation& operation) { static_cast<PendingOnWebSocket&>(operation).waiting_.resume(); }

  std::coroutine_handle<> waiting_;
};

/// A connection that WebSocketClient::connect() has opened. Who lets go of it goes away (1001); a close() waits for the
/// server to close as well.
///
/// What goes wrong is thrown as WebSocketError, and is in the statistics already. Several coroutines may use it at
/// once.
class WebSocket {
 public:
  WebSocket();
  explicit WebSocket(std::unique_ptr<WebSocketConnection> connection);
  WebSocket(WebSocket&&) noexcept;
  WebSocket& operator=(WebSocket&&) noexcept;
  ~WebSocket();

  /// Counted as "WSS", without a response time. Waits only while the server takes too little. @{
  PendingOnWebSocket<void> send(std::string text, std::string_view name = {});
  PendingOnWebSocket<void> send_binary(std::string bytes, std::string_view name = {});
  /// @}
  /// Sends it and waits for the answer: one entry "WSC" with the time that this took. @{
  PendingOnWebSocket<WebSocketMessage> ask(std::string text, const AskOptions& options = {});
  PendingOnWebSocket<WebSocketMessage> ask_binary(std::string bytes, const AskOptions& options = {});
  /// @}
  /// What has come, or else what comes next, counted as "WSR"; nothing after a close of either side. Without a limit it
  /// waits for as long as the connection lasts.
  PendingOnWebSocket<std::optional<WebSocketMessage>> receive(std::chrono::milliseconds limit = {});
  /// Until the pong comes, as "WS" with the name and " ping".
  PendingOnWebSocket<void> ping(std::chrono::milliseconds limit = {});
  /// Until the server has closed as well; its time, as "WS", is that to the server's close frame. What has come and
  /// was not received is dropped.
  PendingOnWebSocket<void> close(std::uint16_t code = 1000, std::string_view reason = {});

  bool is_open() const;
  /// The one that the server chose, or "".
  const std::string& subprotocol() const;
  /// How it ended: the code that came, 1005 for none, 1006 where the connection broke; 0 as long as it is open. @{
  std::uint16_t close_code() const;
  const std::string& close_reason() const;
  /// @}

 private:
  std::unique_ptr<WebSocketConnection> connection_;
};

/// What connect() returns.
class [[nodiscard("co_await is missing")]] PendingWebSocket {
 public:
  explicit PendingWebSocket(std::unique_ptr<WebSocketConnection> connection);
  PendingWebSocket(PendingWebSocket&&) noexcept;
  ~PendingWebSocket();

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    return opening_.await_suspend(waiting);
  }
  WebSocket await_resume();

 private:
  std::unique_ptr<WebSocketConnection> connection_;
  PendingOnWebSocket<void> opening_;  // goes first
};

/// Opens WebSockets (RFC 6455) for a user, on the event loop:
///
///     WebSocket socket = co_await ws.connect("/chat", {.subprotocols = {"v2", "v1"}});
///     co_await socket.send("hello");
///     while (const auto message = co_await socket.receive()) …
///
/// It has the settings, cookies, TLS and proxy of the HTTP client that it was made of.
class WebSocketClient {
 public:
  /// Which must outlive this, and what it opens.
  explicit WebSocketClient(FastHttpClient& http) : http_(http) {}

  /// A path, or a URL of ws, wss, http or https. Counted as "WS".
  PendingWebSocket connect(std::string_view url, const WebSocketOptions& options = {});

 private:
  FastHttpClient& http_;
};

}  // namespace katydid
