#include "net/tls_context.hpp"

#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace katydid {
namespace {

constexpr std::size_t most_contexts = 1000;

/// Takes all from OpenSSL's queue of errors.
bool any_error(int library, int reason) {
  bool found = false;
  while (const unsigned long failure = ERR_get_error()) {
    found = found || (ERR_GET_LIB(failure) == library && ERR_GET_REASON(failure) == reason);
  }
  return found;
}

/// Why OpenSSL would not take a file; `content` is what it should have had in it.
std::string reason(const std::string& file, std::string_view content) {
  const unsigned long failure = ERR_peek_error();
  const char* const words = ERR_reason_error_string(failure);
  const bool no_content = any_error(ERR_LIB_PEM, PEM_R_NO_START_LINE) ||
                          ERR_GET_REASON(failure) == X509_R_NO_CERTIFICATE_OR_CRL_FOUND ||
                          ERR_GET_LIB(failure) == ERR_LIB_OSSL_DECODER;
  std::FILE* const opened = std::fopen(file.c_str(), "r");
  if (!opened) return std::generic_category().message(errno);
  const bool readable = std::fgetc(opened) != EOF || std::feof(opened);
  const int os_error = errno;
  std::fclose(opened);
  if (!readable) return std::generic_category().message(os_error);
  return no_content || !words ? "no PEM " + std::string(content) + " in it" : words;
}

[[noreturn]] void fail(const char* what, const std::string& file, std::string_view content) {
  throw std::runtime_error("SSLError: cannot read " + std::string(what) + " " + file + ": " + reason(file, content));
}

/// OpenSSL would ask for it on the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Parsed once in the process, on first use, and shared by the engines: OpenSSL locks it, and only during handshakes.
X509_STORE* system_authorities() {
  static X509_STORE* const store = [] {
    X509_STORE* const made = X509_STORE_new();
    if (made) X509_STORE_set_default_paths(made);
    ERR_clear_error();  // a system without authorities trusts nobody, which the handshake will say
    return made;
  }();
  if (!store) throw std::bad_alloc();
  return store;
}

void trust(SSL_CTX* context, const std::string& ca_file, const TlsContext* akin) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // An intermediate authority in ca_file is enough, as for libcurl and Python.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  std::error_code unknown;
  if (akin) {
    SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(akin->native()));
  } else if (ca_file.empty()) {
    SSL_CTX_set1_cert_store(context, system_authorities());
  } else if (std::filesystem::is_directory(ca_file, unknown)) {
    SSL_CTX_load_verify_locations(context, nullptr, ca_file.c_str());  // which is looked into during handshakes
  } else if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    fail("CA file", ca_file, "certificate");
  }
}

void identify(SSL_CTX* context, const TlsSettings& settings) {
  const std::string& certificate = settings.client_certificate;
  const std::string& key = settings.client_key.empty() ? certificate : settings.client_key;
  bool passphrase_asked = false;
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase_asked);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    fail("client certificate", certificate, "certificate");
  }
  const bool key_is_read = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (passphrase_asked) {
    ERR_clear_error();
    throw std::runtime_error("SSLError: cannot read client key " + key +
                             ": it is encrypted; write it without a passphrase (openssl pkey -in FILE -out FILE)");
  }
  if (key_is_read) return;
  const unsigned long failure = ERR_peek_last_error();
  if (ERR_GET_LIB(failure) == ERR_LIB_X509 && ERR_GET_REASON(failure) == X509_R_KEY_VALUES_MISMATCH) {
    ERR_clear_error();
    throw std::runtime_error("SSLError: the client key " + key + " does not belong to the certificate " + certificate);
  }
  fail("client key", key, "private key");
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings, const TlsContext* akin)
    : settings_(settings), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* const context = native();
  if (!context) throw std::bad_alloc();
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Waiting connections hold no buffers. A write may have to wait for a renegotiation, and goes on from elsewhere then.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  std::vector<unsigned char> offered;
  for (std::string_view rest = settings.application_protocol; !rest.empty();) {
    const auto protocol = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(protocol.size() + 1, rest.size()));
    offered.push_back(static_cast<unsigned char>(protocol.size()));
    offered.insert(offered.end(), protocol.begin(), protocol.end());
  }
  if (!offered.empty()) SSL_CTX_set_alpn_protos(context, offered.data(), static_cast<unsigned>(offered.size()));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  TlsSession::set_callbacks(context);
  if (settings.verify) trust(context, settings.ca_file, akin);
  if (settings.client_certificate.empty()) return;
  identify(context, settings);
  SSL_CTX_set_post_handshake_auth(context, 1);  // servers that want it for some paths only ask later
}

TlsContexts::Found TlsContexts::get(const TlsSettings& settings) {
  const TlsContext* akin = nullptr;
  for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) {
    if ((*context)->settings() == settings) {
      std::rotate(contexts_.rbegin(), context, std::next(context));  // the last used behind all others
      return {.context = contexts_.back().get()};
    }
    if ((*context)->trusts_as(settings)) akin = context->get();
  }
  try {
    contexts_.push_back(std::make_unique<TlsContext>(settings, akin));
    if (contexts_.size() > most_contexts) contexts_.erase(contexts_.begin());  // its connections hold what they need
    return {.context = contexts_.back().get()};
  } catch (const std::runtime_error& error) {
    return {.error = error.what()};
  }
}

}  // namespace katydid
