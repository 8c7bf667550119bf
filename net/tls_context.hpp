#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace katydid {

struct OpensslFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(SSL_SESSION* ticket) const { SSL_SESSION_free(ticket); }
};

/// What connections have to agree in to share a TlsContext.
struct TlsSettings {
  bool verify = true;                              ///< check the server's certificate
  bool verify_host = true;                         ///< and that it is for the host
  std::string ca_file{};                           ///< PEM, or a folder that OpenSSL's rehash made; "": the system's
  std::string client_certificate{}, client_key{};  ///< PEM; the key may be in the certificate's file
  std::string application_protocol = "http/1.1";   ///< offered by ALPN; "h2,http/1.1" offers both, "" nothing

  bool operator==(const TlsSettings&) const = default;
};

/// OpenSSL's settings for clients: TLS 1.2 or later, ALPN, certificates. For one thread.
class TlsContext {
 public:
  /// Throws std::runtime_error with the text for the failures table: "SSLError: cannot read …".
  /// `akin` is one that trusts the same authorities, or null: they are parsed once.
  explicit TlsContext(const TlsSettings& settings, const TlsContext* akin = nullptr);

  SSL_CTX* native() const { return context_.get(); }
  const TlsSettings& settings() const { return settings_; }
  bool trusts_as(const TlsSettings& other) const {
    return settings_.verify && other.verify && settings_.ca_file == other.ca_file;
  }

 private:
  TlsSettings settings_;
  std::unique_ptr<SSL_CTX, OpensslFree> context_;
};

/// The contexts of one engine: one for all of its connections with equal settings. Those of the last thousand settings
/// are kept, some 20 MB where each has a client certificate of its own.
class TlsContexts {
 public:
  struct Found {
    TlsContext* context = nullptr;  ///< null when there is an error; good until the next get()
    std::string error{};            ///< "SSLError: cannot read client certificate FILE: No such file or directory"
  };
  /// Reads the files when the settings are new; those that failed are tried again.
  Found get(const TlsSettings& settings);

 private:
  std::vector<std::unique_ptr<TlsContext>> contexts_;
};

}  // namespace katydid
