#pragma once

#include "http/fields.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

/// What came.
struct WebSocketMessage {
  std::string data{};
  bool is_text = true;  ///< UTF-8 then; else it is binary
};

/// Why a WebSocket could not be opened, or what became of it: "HandshakeRefused: 403 Forbidden (host:port)". It is in
/// the statistics already.
struct WebSocketError : std::runtime_error {
  explicit WebSocketError(const std::string& what, int s = 0, std::string b = {})
      : std::runtime_error(what), status(s), body(std::move(b)) {}

  int status;        ///< of an answer that refused the handshake, or 0
  std::string body;  ///< of that answer
};

/// No strings in it: GCC 12 would spoil them where options stand in a co_await. Times of zero are none.
struct WebSocketOptions {
  std::string_view name{};                         ///< of its entries; empty: path and query
  std::array<std::string_view, 4> subprotocols{};  ///< that are offered, the best first
  Fields headers{};
  Fields params{};  ///< query parameters, as of a request
  Fields cookies{};
  std::string_view origin{};                       ///< a browser's `Origin`; empty: none is sent
  bool compression = false;                        ///< offers permessage-deflate (RFC 7692)
  std::chrono::milliseconds open_timeout{10'000};  ///< for name, connection, TLS and handshake
  std::chrono::milliseconds timeout{
      60'000};  ///< for an answer to ask() or ping(), and for the server to take what is sent
  std::chrono::milliseconds close_timeout{10'000};  ///< for the server's part in a close
  std::chrono::milliseconds ping_interval{};        ///< sends a ping so often, which counts as nothing
  std::chrono::milliseconds ping_timeout{20'000};   ///< a pong that takes longer is the end
  std::uint64_t max_message = 16U << 20U;           ///< bytes of one that comes, decompressed; a longer one is the end
};

/// Which message answers: a function of a WebSocketMessage, which must outlive the await. Others stay for receive().
class AnswerTest {
 public:
  AnswerTest() = default;
  template <class Test>
  AnswerTest(const Test& test)
      : test_(&test), call_([](const void* object, const WebSocketMessage& message) -> bool {
          return (*static_cast<const Test*>(object))(message);
        }) {}
  template <class Test>
  AnswerTest(const Test&& a_temporary) = delete;

  explicit operator bool() const { return call_ != nullptr; }
  bool operator()(const WebSocketMessage& message) const { return call_(test_, message); }

 private:
  const void* test_ = nullptr;
  bool (*call_)(const void*, const WebSocketMessage&) = nullptr;
};

struct AskOptions {
  std::string_view name{};              ///< of its entry; empty: the WebSocket's
  std::chrono::milliseconds timeout{};  ///< zero: the WebSocket's
  AnswerTest answer{};                  ///< none: the next message
};

}  // namespace katydid
