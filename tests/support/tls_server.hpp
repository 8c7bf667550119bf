#pragma once

#include "net/tls_context.hpp"
#include "tests/support/test_certificate.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace katydid {

struct TlsServerOptions {
  int version = TLS1_3_VERSION;  ///< the only one that it speaks
  std::string client_ca{};       ///< a file; "" asks for no client certificate
  bool asks_for_certificate = false;
  std::size_t tickets = 2;
};

/// A server's settings: what its connections share, the key of its tickets among them.
class TlsServer {
 public:
  explicit TlsServer(const TestCertificate& certificate, TlsServerOptions options = {});
  SSL_CTX* native() const { return context_.get(); }

 private:
  std::unique_ptr<SSL_CTX, OpensslFree> context_;
};

/// The server's side of one connection, in memory.
class TlsServerConnection {
 public:
  explicit TlsServerConnection(const TlsServer& server);

  /// Takes what the client sent.
  void feed(std::string_view ciphertext);
  void write(std::string_view plaintext);
  void say_goodbye() { SSL_shutdown(ssl_.get()); }
  /// TLS 1.3: new keys, the client's included. TLS 1.2: a new handshake.
  void rekey();
  /// What goes to the client.
  std::string take();

  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  bool closed() const { return closed_; }
  std::string received;
  std::string server_name() const;
  std::string protocol() const { return SSL_get_version(ssl_.get()); }
  std::string application_protocol() const;
  std::string client_name() const;

 private:
  std::unique_ptr<SSL, OpensslFree> ssl_;
  bool closed_ = false;
};

}  // namespace katydid
