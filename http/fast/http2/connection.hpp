#pragma once

#include "http/fast/connection_user.hpp"
#include "http/fast/http2/session.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace katydid {

class FastConnection;
class FastEngine;

/// Whom a connection serves that speaks HTTP/2, or may: all requests that share it.
class Http2Connection final : public ConnectionUser, Http2Session::Owner {
 public:
  Http2Connection(FastConnection& connection, FastEngine& engine);
  ~Http2Connection();

  /// The user's stream; its on_open() comes later, when the connection isn't open yet.
  Http2Stream& add(ConnectionUser& user) { return session_.add(user); }
  /// The server does not speak it. Whoever came first gets the connection, and the others another one; this is done
  /// then.
  void hand_back();

  bool has_room() const { return session_.has_room(); }
  /// More requests may wait for it than it has room for.
  bool takes_more() const { return session_.takes_more(); }
  /// See FastConnection.
  void doubt(std::chrono::steady_clock::time_point asked) {
    if (last_received_ <= asked) session_.take_no_more();
  }
  std::size_t active() const { return session_.active(); }
  bool idle() const { return active() == 0; }
  bool has_answered() const { return session_.has_answered(); }
  /// For the engine: sends what there is.
  void flush();

  void on_step(ConnectStep step) override;
  void on_open() override;
  void fail_soon(std::string error) override;

 private:
  void on_received(std::string_view bytes) override;
  void on_ended(int error) override;
  void on_truncated(std::string error) override;
  void on_failed(std::string error) override;
  void on_sent() override;
  void on_abandoned() override;
  std::string place() const override;
  const Proxy* proxy() const override;

  void on_output() override;
  void on_room() override;
  std::string session_place() const override;

  void look_for_end();

  FastConnection& connection_;
  FastEngine& engine_;
  Http2Session session_;
  std::chrono::steady_clock::time_point last_received_{};
  bool planned_ = false;        // a flush
  bool waits_to_send_ = false;  // for the kernel to take what was sent
};

}  // namespace katydid
