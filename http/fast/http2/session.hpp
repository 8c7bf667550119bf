#pragma once

#include "http/fast/http2/stream.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class ConnectionUser;
class Http2Fields;

/// HTTP/2 on one connection (RFC 9113), without the connection: its owner passes the bytes on, both ways. nghttp2 does
/// frames, header compression, flow control and the rules; this is where they become requests of ConnectionUsers, and
/// where a server that breaks them, or wants more memory than an answer may take, is told apart.
class Http2Session {
 public:
  class Owner {
   public:
    /// There is something to send, soon.
    virtual void on_output() = 0;
    /// There may be room for another stream, or none is left.
    virtual void on_room() = 0;
    /// "host:port", for errors.
    virtual std::string session_place() const = 0;

   protected:
    ~Owner() = default;
  };

  Http2Session(Owner& owner, Http2Fields& fields);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  /// Begins with a preface and settings.
  void open();
  /// For the user's next request; it may be made before open().
  Http2Stream& add(ConnectionUser& user);
  /// Calls on_open() of the users that were added before open().
  void tell_open();
  /// They end with this error in the loop's next turn, and nothing new begins.
  void fail_soon(const std::string& error);

  /// Takes what came from the server. Users may do anything meanwhile, but destroy this.
  void feed(std::string_view bytes);
  /// Appends what is to be sent, about so many bytes at the most. True when there is data of bodies among it. No user
  /// hears of anything meanwhile: tell_closed() comes after it.
  bool produce(std::string& out, std::size_t most);
  /// Tells the users of streams that have come to their end in produce(), as those that a server refused by a GOAWAY.
  /// They may do anything, but destroy this.
  void tell_closed();
  bool has_output() const { return session_ && nghttp2_session_want_write(session_.get()) != 0; }
  /// What it produced is sent.
  void tell_sent();

  /// Why nothing more comes of it, or "": a rule that the server broke, or "…ended".
  const std::string& error() const { return error_; }
  /// How the server has ended it (GOAWAY): with an error, else "".
  const std::string& farewell() const { return farewell_; }
  /// Takes another stream. @{
  bool has_room() const;
  bool takes_more() const { return error_.empty() && !leaving_; }
  bool is_over() const { return !error_.empty(); }
  /// @}
  void take_no_more() { leaving_ = true; }
  /// Streams that somebody waits for.
  std::size_t active() const { return active_; }
  ConnectionUser* first_user() const;
  bool has_answered() const { return has_answered_; }

  /// Calls `end(user)` for each user that there is, which ends it for them; nothing new begins.
  template <class End>
  void end_all(End&& end) {
    if (error_.empty()) error_ = ended;
    while (ConnectionUser* const user = take_any()) end(*user);
  }

 private:
  friend class Http2Stream;
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  struct Callbacks;

  static constexpr char ended[] = "ended";

  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t room, std::uint32_t* flags,
                           nghttp2_data_source* source, void* self);
  /// Something can still be said of them.
  bool takes_streams() const { return session_ && error_.empty(); }
  ConnectionUser* take_any();
  void left();
  void forget(Http2Stream& stream);
  void closed(Http2Stream& stream, std::uint32_t code);
  void tell_closed(Http2Stream& stream);
  void received_goaway(const nghttp2_goaway& frame);
  void said_goaway(const nghttp2_goaway& frame);
  void fail(std::string_view what);
  void fail_for_what_was_thrown();
  void fail_with(std::string_view error);
  std::string told(std::string_view what) const;

  Owner& owner_;
  Http2Fields& fields_;
  std::unique_ptr<nghttp2_session, Free> session_;
  std::vector<std::unique_ptr<Http2Stream>> streams_, spare_;
  std::size_t active_ = 0;
  std::string error_, farewell_, broken_rule_;
  std::exception_ptr thrown_;      // by what nghttp2 has called
  std::string* output_ = nullptr;  // while produce() runs
  bool has_settings_ = false, leaving_ = false, heard_ = false, has_answered_ = false;
  bool sent_data_ = false, some_closed_ = false;
  int continuations_ = 0;  // of the block of fields that is being received
};

}  // namespace katydid
