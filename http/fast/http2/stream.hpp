#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

class ConnectionUser;
class Http2Session;
struct Http2Head;

/// One request and its answer on a connection that it shares with others. It is its session's, and gone for its user
/// after finish() or give_up(), and after what ends a connection for its user (ConnectionUser says what that is).
class Http2Stream {
 public:
  enum class Body { none, follows };

  explicit Http2Stream(Http2Session& session) : session_(session) {}
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;

  /// Sends the head, once, when the connection is open.
  void begin(const Http2Head& head, Body body);
  /// Sends a piece of the body, or with the last one its end, when all that came before is sent; what is passed as a
  /// view must stay until then. @{
  void send(std::string_view piece, bool last);
  void send_owned(std::string&& piece, bool last);
  /// @}
  /// Calls the user's on_sent() when the kernel has taken all of it. Only right after send_owned().
  void tell_when_sent() { tells_ = true; }

  void hand_to(ConnectionUser& user) { user_ = &user; }
  void hold(bool held);
  void finish();
  void give_up();

  /// The head has gone to the kernel.
  bool was_sent() const { return sent_; }
  /// And so has the end of the body.
  bool body_sent() const { return body_sent_; }

 private:
  friend class Http2Session;
  /// Begins anew, for that user's request; `place` is the session's.
  void serve(ConnectionUser& user, std::size_t place);
  void leave();

  Http2Session& session_;
  ConnectionUser* user_ = nullptr;
  std::size_t place_ = 0;
  std::int32_t id_ = 0;  // 0: not begun
  bool told_ = false;    // that the connection is open
  bool sent_ = false;
  bool whole_ = false;   // the answer
  bool closed_ = false;  // nghttp2 knows it no more
  bool closes_ = false;  // its user is to be told so
  bool reset_by_server_ = false;
  std::uint32_t close_code_ = 0;
  bool held_ = false;
  std::size_t held_bytes_ = 0;  // received, and not to be made room for yet
  std::string broken_rule_;     // by the server, of this stream

  // The body.
  std::string owned_;
  std::string_view rest_;  // not sent yet
  bool last_ = false, deferred_ = false, tells_ = false, body_sent_ = false;
};

}  // namespace katydid
