#include "tests/support/target/tls.hpp"

#include "tests/support/target/certificate.hpp"
#include "tests/support/target/target.hpp"

namespace katydid::target {
namespace {

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  auto* chosen = const_cast<unsigned char*>(*out);
  const int result = SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void use_files(SSL_CTX* context, const TlsOptions& options) {
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    fail_with_openssl("can't use certificate " + options.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail_with_openssl("can't use key " + options.key + " for certificate " + options.certificate);
  }
}

void use_self_signed(SSL_CTX* context) {
  const auto made = make_self_signed();
  if (SSL_CTX_use_certificate(context, made.certificate()) != 1 || SSL_CTX_use_PrivateKey(context, made.key()) != 1) {
    fail_with_openssl("can't use a self-signed certificate");
  }
}

void demand_client_certificates(SSL_CTX* context, const std::string& ca) {
  if (SSL_CTX_load_verify_file(context, ca.c_str()) != 1) fail_with_openssl("can't use client CA " + ca);
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(ca.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

}  // namespace

Tls::Tls(const TlsOptions& options) : context_(SSL_CTX_new(TLS_server_method())) {
  auto* context = context_.get();
  if (!context) fail_with_openssl("OpenSSL has no TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  const auto* session_name = reinterpret_cast<const unsigned char*>("katydid-target");
  SSL_CTX_set_session_id_context(context, session_name, 14);
  if (options.certificate.empty()) {
    use_self_signed(context);
  } else {
    use_files(context, options);
  }
  if (!options.client_ca.empty()) demand_client_certificates(context, options.client_ca);
}

std::string Tls::certificate_pem() const { return pem_of(SSL_CTX_get0_certificate(context_.get())); }

}  // namespace katydid::target
