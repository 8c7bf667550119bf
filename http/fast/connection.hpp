#pragma once

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
class FastTransfer;

/// A connection to one origin, of one user: name, socket and TLS, and for one request at a time the transfer that it
/// serves. What an idle one keeps is this object and its stream.
class FastConnection final : public StreamOwner {
 public:
  FastConnection(FastSession& session, const Url& origin, bool verify);
  ~FastConnection();
  FastConnection(const FastConnection&) = delete;
  FastConnection& operator=(const FastConnection&) = delete;

  /// Whether a request to that URL can use it.
  bool serves(const Url& url, bool verify) const {
    return secure_ == url.secure && (!secure_ || verify_ == verify) && host_ == url.host && port_ == url.port;
  }
  bool idle() const { return !transfer_ && open_; }
  /// It has answered a request before: when it breaks without an answer, the server may just have given it up.
  bool used_before() const { return used_before_; }
  bool open() const { return open_; }
  /// Views of this.
  Url origin() const { return {.secure = secure_, .user_info = {}, .host = host_, .port = port_, .target = {}}; }

  /// Takes on a transfer; its on_open() is called when it can be sent, at once when the connection is open.
  void begin(FastTransfer& transfer);
  /// Where the transfer puts what it wants to send, before it calls send().
  std::string& outgoing();
  void send();
  /// The transfer is done; the connection is free for the next one.
  void finish();
  /// Closes the connection and takes it out of its session; whoever it served hears nothing.
  void give_up();
  /// Its session is gone.
  void orphan() { session_ = nullptr; }

 private:
  struct Connecting;

  void on_connected() override;
  void on_received(std::string_view bytes) override;
  void on_closed(int error) override;

  void connect();
  void try_next_address();
  void opened();
  void received_ciphertext(std::string_view bytes);
  void fail(std::string error);
  void ended(int error);
  std::string place() const;

  FastEngine& engine_;
  FastSession* session_;
  StreamPointer stream_;
  FastTransfer* transfer_ = nullptr;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<TlsSession> tls_;
  std::string host_, port_;  // as in the URL
  bool secure_, verify_;
  bool open_ = false, used_before_ = false, given_up_ = false;
};

}  // namespace katydid
