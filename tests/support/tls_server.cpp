#include "tests/support/tls_server.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace katydid {
namespace {

template <class Read>
auto from_pem(const std::string& pem, Read read) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     BIO_free);
  return read(in.get(), nullptr, nullptr, nullptr);
}

}  // namespace

TlsServer::TlsServer(const TestCertificate& certificate, TlsServerOptions options)
    : context_(SSL_CTX_new(TLS_server_method())) {
  const std::unique_ptr<X509, decltype(&X509_free)> x509(from_pem(certificate.certificate_pem, PEM_read_bio_X509),
                                                         X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(from_pem(certificate.key_pem, PEM_read_bio_PrivateKey),
                                                                EVP_PKEY_free);
  REQUIRE(SSL_CTX_use_certificate(native(), x509.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(native(), key.get()) == 1);
  SSL_CTX_set_security_level(native(), 0);  // for the versions that nobody should speak
  SSL_CTX_set_min_proto_version(native(), options.version);
  SSL_CTX_set_max_proto_version(native(), options.version);
  SSL_CTX_set_num_tickets(native(), options.tickets);
  constexpr unsigned char id[] = "katydid";
  SSL_CTX_set_session_id_context(native(), id, sizeof id);
  SSL_CTX_set_alpn_select_cb(
      native(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned int, void*) {
        *out = in + 1;  // the client's first choice
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  if (options.asks_for_certificate) SSL_CTX_set_verify(native(), SSL_VERIFY_PEER, nullptr);
  if (options.client_ca.empty()) return;
  SSL_CTX_set_verify(native(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  REQUIRE(SSL_CTX_load_verify_locations(native(), options.client_ca.c_str(), nullptr) == 1);
}

TlsServerConnection::TlsServerConnection(const TlsServer& server) : ssl_(SSL_new(server.native())) {
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_.get());
}

void TlsServerConnection::feed(std::string_view ciphertext) {
  ERR_clear_error();
  if (!ciphertext.empty()) {
    BIO_write(SSL_get_rbio(ssl_.get()), ciphertext.data(), static_cast<int>(ciphertext.size()));
  }
  char plaintext[4096];
  std::size_t size = 0;
  while (SSL_read_ex(ssl_.get(), plaintext, sizeof plaintext, &size) == 1) received.append(plaintext, size);
  closed_ = (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  ERR_clear_error();
}

void TlsServerConnection::write(std::string_view plaintext) {
  REQUIRE(SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size())) ==
          static_cast<int>(plaintext.size()));
}

void TlsServerConnection::rekey() {
  if (SSL_version(ssl_.get()) == TLS1_3_VERSION) {
    REQUIRE(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
  } else {
    REQUIRE(SSL_renegotiate(ssl_.get()) == 1);
  }
  REQUIRE(SSL_do_handshake(ssl_.get()) == 1);
}

std::string TlsServerConnection::take() {
  BIO* const bio = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(bio), '\0');
  if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

std::string TlsServerConnection::server_name() const {
  const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name ? name : "";
}

std::string TlsServerConnection::application_protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {name, name + size};
}

std::string TlsServerConnection::client_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  if (!certificate) return "";
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

}  // namespace katydid
