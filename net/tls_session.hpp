#pragma once

#include "net/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

/// What a server gives to a client so that the next handshake is short. Valid for the same TlsContext, host and port
/// only: the certificate is not checked again. Keep the newest: several connections may start with it, but one that
/// has brought a newer ticket spends the old one (TLS 1.3).
using TlsTicket = std::unique_ptr<SSL_SESSION, OpensslFree>;

/// The TLS of one connection, without the connection: its owner passes the bytes on, both ways.
///
/// OpenSSL reads what is fed in place and appends what it sends to the owner's string; the part of a record that has
/// come is kept by OpenSSL (17 KB at most) until the rest does. After an error, what is in `out` (an alert) is worth
/// sending, and nothing else happens.
///
/// Idle and established, it takes 18 KB with OpenSSL 3.0 and a small certificate, of which 144 bytes are ours: keys,
/// OpenSSL's state, the server's certificate. Resumed it is 15 KB with TLS 1.3 and 12 KB with TLS 1.2, as the
/// certificate is shared with the ticket.
class TlsSession {
 public:
  /// The host as in the URL: an address (an IPv6 one in brackets or not) is checked as such and sent in no SNI. The
  /// ticket is null or what take_session() gave.
  TlsSession(const TlsContext& context, std::string_view host, std::uint16_t port, SSL_SESSION* ticket = nullptr);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Begins the handshake.
  void start(std::string& out);
  /// Takes what came from the server, goes on with the handshake. The bytes must stay until read() returns "".
  void feed(std::string_view ciphertext, std::string& out);
  /// The next plaintext, a view of `scratch`; "" when more must be fed. Call it until then after each feed(), also
  /// during the handshake. Scratch of 16 KiB holds any record.
  std::string_view read(std::span<char> scratch, std::string& out);
  /// Before the handshake is over, or during another one, the plaintext is kept and sent when it is.
  void write(std::string_view plaintext, std::string& out);
  /// Says goodbye (close_notify); then close the connection.
  void close(std::string& out);
  /// The server has closed the connection; an error during the handshake.
  void end_of_stream();

  bool established() const { return established_; }
  /// By a ticket.
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// The server has said that no more comes (close_notify).
  bool peer_closed() const { return peer_closed_; }
  /// The connection has ended though the server has not said so: a body that is delimited by that end may be cut off.
  bool truncated() const { return truncated_; }
  std::string truncation_error() const;

  /// "" or, for example, "SSLError: certificate verify failed: self-signed certificate (host:port)".
  const std::string& error() const { return error_; }

  /// The newest ticket, null when none came since; with TLS 1.3 it comes after the handshake.
  TlsTicket take_session() { return std::move(ticket_); }

  /// What the server has chosen of those that were offered; "" when it has not.
  std::string_view application_protocol() const;
  std::string_view protocol() const { return SSL_get_version(ssl_.get()); }

 private:
  friend class TlsContext;
  class Output;
  struct Bio;
  static void set_callbacks(SSL_CTX* context);
  static TlsSession& of(const SSL* ssl);

  void set_host(bool verify);
  void handshake();
  void send_pending();
  std::size_t send(std::string_view plaintext);
  void note(int result);
  void fail(std::string_view text);
  std::string explain_alert(unsigned long failure) const;
  std::string explain_refusal() const;
  std::string place() const;

  std::unique_ptr<SSL, OpensslFree> ssl_;
  std::string_view input_;
  std::string* output_ = nullptr;  // while a call lasts
  std::string pending_, error_, host_;
  TlsTicket ticket_;
  std::uint16_t port_;
  bool heard_ = false, established_ = false, peer_closed_ = false, truncated_ = false;
  bool certificate_wanted_ = false;  // and there is none
};

}  // namespace katydid
