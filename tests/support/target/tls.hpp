#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace katydid::target {

struct TlsOptions;

/// The server's side of TLS, shared by all connections.
class Tls {
 public:
  /// Throws std::runtime_error naming the file and OpenSSL's reason.
  explicit Tls(const TlsOptions& options);

  SSL_CTX* context() const { return context_.get(); }
  /// The server's certificate, which a client trusts to trust the target.
  std::string certificate_pem() const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace katydid::target
