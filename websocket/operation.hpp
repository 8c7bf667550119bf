#pragma once

#include "net/context.hpp"
#include "net/loop.hpp"
#include "websocket/frame.hpp"
#include "websocket/options.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace katydid {

class WebSocketConnection;

/// One thing that somebody waits for on a WebSocket. The connection does the work and counts it; whoever made it is
/// called once, from the loop. Destroyed before that, what it sent is cut off.
class WebSocketOperation : Timer {
 public:
  enum class Kind : std::uint8_t { connect, send, ask, receive, ping, close };
  using Done = void (*)(WebSocketOperation&);

  WebSocketOperation(WebSocketConnection* connection, Kind what, Done done)
      : Timer(&WebSocketOperation::late), kind(what), connection_(connection), done_(done) {}
  /// Of one that has not begun.
  WebSocketOperation(WebSocketOperation&& other) noexcept;
  WebSocketOperation& operator=(WebSocketOperation&&) = delete;
  ~WebSocketOperation() { cancel(); }

  /// What is asked for. @{
  Kind kind;
  Opcode opcode = Opcode::text;         ///< of what is sent
  std::string payload{};                ///< what is sent; of a close, its reason
  std::uint16_t code = 1000;            ///< of a close
  std::string name{};                   ///< empty: the connection's
  std::chrono::milliseconds timeout{};  ///< zero: the connection's
  AnswerTest answer{};
  /// @}
  /// What came of it. @{
  std::optional<WebSocketMessage> message{};  ///< of ask and receive; of the latter none after a close
  std::string error{};
  std::exception_ptr thrown{};  ///< by a listener
  /// @}

  /// True when it is over already: nobody is called then.
  bool begin(Context& context);
  /// Nobody waits for it any more: what it sent is cut off. Its maker is not called.
  void cancel();
  /// Throws what went wrong.
  void check() const;

 private:
  friend class WebSocketConnection;
  enum class State : std::uint8_t { idle, waiting, ended, told };
  static void late(Timer& timer);
  void wait(Context& context, std::chrono::milliseconds limit);
  /// It is over, and recorded; tell() comes later.
  void end();
  void tell();

  WebSocketConnection* connection_;  // null when that is gone
  Done done_;
  State state_ = State::idle;
  bool in_flight_ = false;
  Context* context_ = nullptr;
  Loop::clock::time_point start_{};
};

}  // namespace katydid
