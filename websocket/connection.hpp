#pragma once

#include "http/fast/connection.hpp"
#include "http/fast/response_parser.hpp"
#include "http/proxy.hpp"
#include "http/request_fields.hpp"
#include "http/span.hpp"
#include "websocket/deflate.hpp"
#include "websocket/handshake.hpp"
#include "websocket/message_reader.hpp"
#include "websocket/operation.hpp"
#include "websocket/options.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class FastSession;

/// A WebSocket of a user: its handshake, its messages and its end, all by callbacks of the loop. What is counted: the
/// handshake ("WS"), a message that is sent ("WSS") or received ("WSR"), one that is answered ("WSC"), and the close
/// ("WS", with its code in the name).
class WebSocketConnection final : public ConnectionUser, Timer {
 public:
  /// All of the options is taken over. Nothing is sent yet.
  WebSocketConnection(FastSession& session, std::string_view url, const WebSocketOptions& options);
  /// Goes away: says so, and closes the connection.
  ~WebSocketConnection();
  WebSocketConnection(const WebSocketConnection&) = delete;
  WebSocketConnection& operator=(const WebSocketConnection&) = delete;

  /// Goes away before its time.
  void leave();

  bool is_open() const { return state_ == State::open; }
  const std::string& subprotocol() const { return subprotocol_; }
  /// How it ended: the code of the close frame that came, close_code::none for one without, close_code::abnormal
  /// where none came; 0 as long as it has not ended. @{
  std::uint16_t close_code() const { return close_code_; }
  const std::string& close_reason() const { return close_reason_; }
  /// @}
  int refused_status() const { return refused_status_; }
  const std::string& refused_body() const { return refused_body_; }

  void fail_soon(std::string error) override;

 private:
  friend class WebSocketOperation;
  enum class State : std::uint8_t { idle, connecting, open, closing, closed };
  using Operation = WebSocketOperation;
  using Kind = Operation::Kind;

  // What operations ask for; true when it is over already.
  bool begin(Operation& operation);
  void wait(Operation& operation, std::chrono::milliseconds timeout);
  bool begin_open(Operation& operation);
  bool begin_send(Operation& operation);
  bool begin_ask(Operation& operation);
  bool begin_receive(Operation& operation);
  bool begin_ping(Operation& operation);
  bool begin_close(Operation& operation);
  void forget(Operation& operation, bool cut);
  void late(Operation& operation);

  // The connection below.
  void on_open() override;
  void on_received(std::string_view bytes) override;
  void on_ended(int error) override;
  void on_truncated(std::string error) override;
  void on_failed(std::string error) override;
  void on_sent() override;
  void on_abandoned() override;
  std::string place() const override;
  const Proxy* proxy() const override { return proxy_ ? &*proxy_ : nullptr; }
  static void on_timer(Timer& self);

  void prepare(std::string_view url, const WebSocketOptions& options);
  void read_answer(std::string_view& bytes);
  void store_cookies(const std::string& header_block);
  void opened(Agreement agreement);
  bool is_refused() const;
  void refused();
  void read_frames(std::string_view bytes);
  void take_message();
  void take_pong(std::string_view payload);
  void take_close();
  bool hand_over(WebSocketMessage& message);

  void send_frame(Opcode opcode, std::string_view payload);
  void send_close(std::uint16_t code, std::string_view reason);
  /// The end by an error: of all that waits, and of the connection. `code`: what to close with, or 0 to say nothing.
  void fail(std::string error, std::uint16_t code);
  void end_waiting(const std::string& error);
  /// Says so, where it can.
  void leave(std::string why);
  void let_go();
  void set_alarm();
  void hold_back();
  void tell_ended();

  void record(Operation& operation, std::string_view method, std::string_view suffix, std::uint64_t length, bool timed);
  void record_close(Loop::clock::time_point since, std::string_view error);
  void trace(const Operation& operation, const Sample& sample) const;
  void finish(Operation& operation);
  std::string_view name_of(const Operation& operation) const { return operation.name.empty() ? name_ : operation.name; }
  void count_cut_off(const Operation& operation);

  FastSession* session_;
  Loop& loop_;
  FastConnection* connection_ = nullptr;
  State state_ = State::idle;

  // What it is to be.
  std::string url_, name_, head_, cookies_, error_;
  Url parts_;  // of url_
  std::optional<Proxy> proxy_;
  HandshakeOffer offer_;
  std::unique_ptr<RequestSpan> span_;  // of the opening; null: nothing is traced
  bool says_traceparent_ = false;      // in its own headers, which is the user's to say
  std::chrono::milliseconds open_timeout_, timeout_, close_timeout_, ping_interval_, ping_timeout_;

  struct Answer {
    ResponseParser parser;
    Response::Content content;
  };
  std::unique_ptr<Answer> answer_;  // until it is there
  int refused_status_ = 0;
  std::string refused_body_, subprotocol_;

  MessageReader reader_;
  std::unique_ptr<MessageDeflater> deflater_;
  std::deque<WebSocketMessage> unread_;
  std::size_t unread_bytes_ = 0, unsent_bytes_ = 0;
  std::uint64_t pings_ = 0;
  std::vector<Operation*> waiting_, ended_;  // the first in front
  Context* context_ = nullptr;               // of the user who opened it
  bool sent_close_ = false, got_close_ = false, close_counted_ = false, fails_soon_ = false, reading_ = false;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;

  Loop::clock::time_point close_start_{}, ping_at_ = Loop::clock::time_point::max(),
                                          pong_due_ = Loop::clock::time_point::max(),
                                          linger_until_ = Loop::clock::time_point::max();
  bool* gone_ = nullptr;  // set when this is destroyed by somebody whom it tells
};

}  // namespace katydid
