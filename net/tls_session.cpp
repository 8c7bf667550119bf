#include "net/tls_session.hpp"

#include "net/socket_address.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <new>
#include <utility>

namespace katydid {
namespace {

/// Empties OpenSSL's queue. What TLS says of a failure tells more than what a cipher below it says, which comes first.
unsigned long take_failure() {
  unsigned long failure = ERR_peek_error();
  while (const unsigned long next = ERR_get_error()) {
    if (ERR_GET_LIB(failure) != ERR_LIB_SSL) failure = next;
  }
  return failure;
}

}  // namespace

/// OpenSSL's way to the bytes: reads the session's input, appends to its output. Neither ever blocks or ends.
struct TlsSession::Bio {
  static BIO* make(TlsSession* session) {
    static const BIO_METHOD* const method = make_method();
    BIO* const bio = method ? BIO_new(method) : nullptr;
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    return bio;
  }

 private:
  static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* bytes, std::size_t size, std::size_t* done) {
    auto& input = session(bio).input_;
    BIO_clear_retry_flags(bio);
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *done = input.copy(bytes, size);
    input.remove_prefix(*done);
    return 1;
  }
  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* done) {
    session(bio).output_->append(bytes, size);
    *done = size;
    return 1;
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* make_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "katydid");
    if (!method) return nullptr;
    BIO_meth_set_read_ex(method, &Bio::read);
    BIO_meth_set_write_ex(method, &Bio::write);
    BIO_meth_set_ctrl(method, &Bio::control);
    return method;
  }
};

/// Where OpenSSL writes to while a call lasts. OpenSSL tells errors by a queue of the thread's, which others (libcurl)
/// may have left something in.
class TlsSession::Output {
 public:
  Output(TlsSession& session, std::string& out) : session_(session) {
    session_.output_ = &out;
    if (ERR_peek_error() != 0) ERR_clear_error();
  }
  ~Output() { session_.output_ = nullptr; }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

 private:
  TlsSession& session_;
};

TlsSession& TlsSession::of(const SSL* ssl) { return *static_cast<TlsSession*>(BIO_get_data(SSL_get_rbio(ssl))); }

void TlsSession::set_callbacks(SSL_CTX* context) {
  SSL_CTX_sess_set_new_cb(context, [](SSL* ssl, SSL_SESSION* ticket) {
    of(ssl).ticket_.reset(ticket);
    return 1;  // the reference is taken
  });
  SSL_CTX_set_client_cert_cb(context, [](SSL* ssl, X509**, EVP_PKEY**) {
    of(ssl).certificate_wanted_ = !SSL_get_certificate(ssl);
    return 0;
  });
}

TlsSession::TlsSession(const TlsContext& context, std::string_view host, std::uint16_t port, SSL_SESSION* ticket)
    : ssl_(SSL_new(context.native())), host_(host), port_(port) {
  if (!ssl_) throw std::bad_alloc();
  BIO* const bio = Bio::make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_connect_state(ssl_.get());
  set_host(context.settings().verify && context.settings().verify_host);
  if (ticket && SSL_SESSION_is_resumable(ticket) == 1) SSL_set_session(ssl_.get(), ticket);
}

TlsSession::~TlsSession() {
  // A connection that ends without a goodbye would spoil its ticket.
  if (error_.empty()) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void TlsSession::set_host(bool verify) {
  std::string name = host_;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const bool is_address = SocketAddress::literal(name).has_value();
  if (is_address) {
    name.resize(std::min(name.size(), name.find('%')));  // certificates know no zones
  } else {
    if (name.ends_with('.')) name.pop_back();  // of a fully qualified name; neither SNI nor certificates have it
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  if (!verify) return;
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool is_set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1
                                 : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1;
  // OpenSSL takes an empty name for the wish to check none.
  if (!is_set || name.empty()) fail("a certificate cannot be checked for this host");
}

void TlsSession::start(std::string& out) {
  if (!error_.empty()) return;
  const Output output(*this, out);
  handshake();
}

void TlsSession::feed(std::string_view ciphertext, std::string& out) {
  if (!error_.empty() || peer_closed_ || ciphertext.empty()) return;
  // OpenSSL would wait for five bytes, and then complain of a version number.
  const bool is_tls = ciphertext[0] == SSL3_RT_HANDSHAKE || ciphertext[0] == SSL3_RT_ALERT;
  if (!std::exchange(heard_, true) && !is_tls) return fail("the server does not speak TLS");
  input_ = ciphertext;
  if (established_) return;
  const Output output(*this, out);
  handshake();
}

void TlsSession::handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return note(result);
  established_ = true;
  send_pending();
}

std::string_view TlsSession::read(std::span<char> scratch, std::string& out) {
  if (!established_ || !error_.empty() || (input_.empty() && SSL_pending(ssl_.get()) == 0)) return {};
  const Output output(*this, out);
  std::size_t size = 0;
  if (SSL_read_ex(ssl_.get(), scratch.data(), scratch.size(), &size) == 1) return {scratch.data(), size};
  note(0);
  send_pending();
  return {};
}

void TlsSession::write(std::string_view plaintext, std::string& out) {
  if (!error_.empty()) return;
  if (established_ && pending_.empty()) {
    const Output output(*this, out);
    plaintext.remove_prefix(send(plaintext));
  }
  pending_.append(plaintext);
}

void TlsSession::send_pending() {
  if (pending_.empty() || !error_.empty()) return;
  const std::size_t sent = send(pending_);
  if (sent == pending_.size()) {
    pending_ = {};
  } else {
    pending_.erase(0, sent);
  }
}

/// Returns how much of it went: all, unless another handshake is under way or there is an error.
std::size_t TlsSession::send(std::string_view plaintext) {
  std::size_t sent = 0;
  while (sent < plaintext.size()) {
    std::size_t size = 0;
    const auto rest = plaintext.substr(sent);
    if (SSL_write_ex(ssl_.get(), rest.data(), rest.size(), &size) != 1) {
      note(0);
      break;
    }
    sent += size;
  }
  return sent;
}

void TlsSession::close(std::string& out) {
  if (!established_ || !error_.empty()) return;
  const Output output(*this, out);
  SSL_shutdown(ssl_.get());
}

std::string_view TlsSession::application_protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

void TlsSession::end_of_stream() {
  if (!error_.empty() || peer_closed_) return;
  truncated_ = true;
  if (established_) return;
  fail("the server closed the connection during the TLS handshake" + explain_refusal());
}

std::string TlsSession::truncation_error() const {
  return "SSLError: the server closed the connection without a TLS close_notify; the answer may be cut off" + place();
}

/// What OpenSSL's last call came to.
void TlsSession::note(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      peer_closed_ = true;
      if (!established_) fail("the server closed the connection during the TLS handshake" + explain_refusal());
      return;
    default:
      break;
  }
  input_ = {};
  const unsigned long failure = take_failure();
  const int reason = ERR_GET_REASON(failure);
  if (ERR_GET_LIB(failure) != ERR_LIB_SSL) {
    const char* const words = ERR_reason_error_string(failure);
    return fail(words ? words : "OpenSSL failed and does not say why");
  }
  if (reason > SSL_AD_REASON_OFFSET) return fail(explain_alert(failure));
  const long verdict = SSL_get_verify_result(ssl_.get());
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        const std::string kind = verdict == X509_V_ERR_HOSTNAME_MISMATCH ? "hostname" : "IP address";
        return fail("certificate verify failed: " + kind + " mismatch, certificate is not valid for '" + host_ + "'");
      }
      return fail(std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict));
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return fail("the server speaks no TLS from 1.2 on");
    case SSL_R_WRONG_VERSION_NUMBER:
      if (!established_) return fail("the server does not speak TLS");
      break;
    default:
      break;
  }
  fail(ERR_reason_error_string(failure) ? ERR_reason_error_string(failure) : "OpenSSL failed and does not say why");
}

/// OpenSSL's text is "tlsv13 alert certificate required": which part of the protocol it comes from, then its name.
std::string TlsSession::explain_alert(unsigned long failure) const {
  const int alert = ERR_GET_REASON(failure) - SSL_AD_REASON_OFFSET;
  const char* const words = ERR_reason_error_string(failure);
  std::string_view name = words ? words : "";
  name.remove_prefix(std::min(name.size(), name.find(' ') + 1));
  if (name.starts_with("alert ")) name.remove_prefix(6);
  std::string text = "the server refused with the alert '";
  text += name.empty() ? std::to_string(alert) : std::string(name);
  text += "'";
  if (alert == SSL_AD_PROTOCOL_VERSION) return text + ": it speaks no TLS from 1.2 on";
  return text + explain_refusal();
}

std::string TlsSession::explain_refusal() const {
  return certificate_wanted_ ? "; it asked for a client certificate, and none is set" : "";
}

void TlsSession::fail(std::string_view text) {
  input_ = {};
  error_ = "SSLError: ";
  error_.append(text).append(place());
}

std::string TlsSession::place() const {
  const bool bare = host_.find(':') != host_.npos && !host_.starts_with('[');
  return " (" + (bare ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_) + ")";
}

}  // namespace katydid
