#pragma once

#include "python/src/client/client.hpp"
#include "websocket/connection.hpp"

#include <nanobind/nanobind.h>

#include <memory>
#include <string_view>
#include <utility>

namespace katydid::python {

/// `WebSocket`: a WebSocketConnection of a client, whose object it keeps.
class WebSocketObject {
 public:
  WebSocketObject(nb::object client_object, std::string_view url, const WebSocketOptions& options);
  ~WebSocketObject();
  WebSocketObject(const WebSocketObject&) = delete;
  WebSocketObject& operator=(const WebSocketObject&) = delete;

  ClientObject& client() const { return client_; }
  WebSocketConnection& connection() { return *connection_; }
  /// Goes away, and lets the server know.
  void leave();

 private:
  nb::object client_object_;
  ClientObject& client_;
  std::unique_ptr<WebSocketConnection> connection_;
};

/// `WebSocketOperation`: something under way on a WebSocket, which a task waits for.
class WebSocketOperationObject final : public WebSocketOperation {
 public:
  WebSocketOperationObject(nb::object socket_object, Kind what);

  /// Unless its user is to begin nothing new.
  void start();
  bool is_done() const { return done_; }
  /// Calls back once, when it is done.
  void wait(nb::handle callback) { callback_ = nb::borrow(callback); }
  /// Gives it up.
  void stop_waiting();
  /// What went wrong, or None. Raises what a listener has raised.
  nb::object what_failed() const;
  /// str, bytes or None.
  nb::object received() const;

 private:
  static void on_done(WebSocketOperation& operation);

  nb::object socket_object_, callback_;
  WebSocketObject& socket_;
  bool done_ = false;
};

void bind_websocket(nb::module_& m);

}  // namespace katydid::python
