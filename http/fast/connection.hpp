#pragma once

#include "http/client_options.hpp"
#include "http/fast/channel.hpp"
#include "http/fast/connection_user.hpp"
#include "http/fast/tunnel.hpp"
#include "http/url.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "net/tls_session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class FastEngine;
class FastSession;
class Http2Connection;

/// Which TLS settings a connection has: the client's own, or those of one of its requests (FastSession has them).
enum class TlsChoice : std::uint32_t { unchecked, checked, first_of_requests };

/// A connection to one origin, of one user: name, socket and TLS, and whom it serves. That is one request at a time by
/// HTTP/1.1, or an Http2Connection for many. What an idle one keeps is this object and its stream, and what HTTP/2
/// keeps.
class FastConnection final : public StreamOwner {
 public:
  FastConnection(FastSession& session, const Url& origin, TlsChoice tls, const Proxy* tunnel, HttpVersion version);
  ~FastConnection();
  FastConnection(const FastConnection&) = delete;
  FastConnection& operator=(const FastConnection&) = delete;

  /// Whether a request to that URL can use it, which goes through that proxy's tunnel or, with null, through none.
  bool serves(const Url& url, TlsChoice tls, const Proxy* tunnel, HttpVersion version) const {
    return version_ == version && secure_ == url.secure &&
           (!secure_ || (tls_choice_ == tls && leads_through(tunnel))) && host_ == url.host && port_ == url.port;
  }
  bool idle() const { return open_ && (http2_ ? is_idle_http2() : !user_); }
  /// Requests that it serves.
  std::size_t load() const;
  /// It can take on a request now; one of HTTP/2 can also before it is open.
  bool has_room() const { return http2_ ? has_room_http2() : !user_ && open_; }
  /// Of HTTP/2: a request that begins in it will have its turn, whether or not there is room now.
  bool takes_more_http2() const;
  /// Of HTTP/2: a request that finds no room in it is to wait rather than to have a connection of its own.
  bool is_shared() const;
  /// Of HTTP/2: the server takes no more requests over it.
  bool is_leaving() const { return http2_ && open_ && !takes_more_http2(); }
  /// Of HTTP/1.1: the server has ended it, or begun to, which the loop does not know yet.
  bool has_been_ended() const;
  /// Of a kind that a user may have many of, as requests choose it.
  bool is_of_requests() const { return tls_choice_ >= TlsChoice::first_of_requests || tunnel_; }
  /// It has answered a request before: when it breaks without an answer, the server may just have given it up.
  bool used_before() const;
  bool open() const { return open_; }
  /// Views of this.
  Url origin() const { return {.secure = secure_, .user_info = {}, .host = host_, .port = port_, .target = {}}; }

  /// What the request is to have of it, before begin().
  Channel channel(ConnectionUser& user);
  /// Takes on a request; its on_open() is called when it can be sent, at once when the connection is open.
  void begin(ConnectionUser& user);
  /// What is received from now on is for that one.
  void hand_to(ConnectionUser& user) { user_ = &user; }
  /// Where the request puts what it wants to send, before it calls send().
  std::string& outgoing();
  void send();
  /// And then a large text.
  void send(std::shared_ptr<const std::string> text);
  /// Calls the user's on_sent() when the kernel has taken all of it. Only right after send().
  void tell_when_sent() { stream_->tell_when_sent(); }
  /// The kernel has not taken all of it yet.
  bool has_unsent() const { return stream_->has_unsent(); }
  /// How many of the bytes that come next are the body's, which are to be counted only, or are wanted in large pieces.
  /// Not over TLS, where they have to be decrypted.
  bool counts_bytes() const { return !tls_; }
  void discard(std::uint64_t bytes) { stream_->discard(bytes); }
  void expect(std::uint64_t bytes) { stream_->expect(bytes); }
  /// See Stream.
  std::optional<std::chrono::steady_clock::time_point> last_arrival() const { return stream_->last_arrival(); }
  /// What was asked then is not answered in time. One of HTTP/2 that has brought nothing since takes no more requests,
  /// and serves those that it has: what it leads to may be gone.
  void doubt(std::chrono::steady_clock::time_point asked);
  /// Receives nothing more for now, or goes on. @{
  void hold(bool held);
  bool is_held() const { return held_; }
  /// @}
  /// The request is done; the connection is free for the next one.
  void finish();
  /// Closes the connection and takes it out of its session; whoever it served hears nothing.
  void give_up();
  /// It has room again.
  void freed();
  /// Its session is gone.
  void orphan() { session_ = nullptr; }
  /// And so is the client: whoever it serves is told.
  void abandon();
  /// "host:port", for errors.
  std::string place() const;

  /// The engine's: the one that was given up before it.
  std::unique_ptr<FastConnection> buried_before;

 private:
  struct Connecting;

  void on_connected() override;
  void on_received(std::string_view bytes) override;
  void on_discarded(std::uint64_t bytes) override;
  bool take_from(Source& source, std::size_t most) override { return user_ && user_->take_from(source, most); }
  void on_closed(int error) override;
  void on_sent() override {
    if (user_) user_->on_sent();
  }

  bool encrypt(std::string_view text);
  void connect();
  void try_next_address();
  std::string connect_error(int error) const;
  void made(ConnectStep step) {
    if (user_) user_->on_step(step);
  }
  void connected();
  void start_tls();
  void received_from_proxy(std::string_view bytes);
  bool leads_through(const Proxy* proxy) const { return tunnel_ ? proxy && tunnel_->proxy() == *proxy : !proxy; }
  std::string wanted_place() const;
  void opened();
  void choose_version();
  bool is_idle_http2() const;
  bool has_room_http2() const;
  void received_ciphertext(std::string_view bytes);
  void fail(std::string error);
  void ended(int error);

  FastEngine& engine_;
  FastSession* session_;
  StreamPointer stream_;
  ConnectionUser* user_ = nullptr;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Tunnel> tunnel_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<Http2Connection> http2_;  // where it is spoken, or the server is still to choose
  std::string host_, port_;                 // as in the URL
  TlsChoice tls_choice_;
  HttpVersion version_;  // that was asked for
  bool secure_;
  bool open_ = false, used_before_ = false, given_up_ = false, held_ = false;
};

}  // namespace katydid
