#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace katydid::target {

/// A certificate and its key.
class Certificate {
 public:
  Certificate(X509* certificate, EVP_PKEY* key) : certificate_(certificate), key_(key) {}

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  std::string certificate_pem() const;
  std::string key_pem() const;

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  std::unique_ptr<X509, Free> certificate_;
  std::unique_ptr<EVP_PKEY, Free> key_;
};

/// Signed by itself, good for this machine's names for a year. Throws std::runtime_error with OpenSSL's reason.
Certificate make_self_signed(const std::string& common_name = "katydid-target");

std::string pem_of(X509* certificate);
/// Throws std::runtime_error "what: OpenSSL's reason".
[[noreturn]] void fail_with_openssl(const std::string& what);

}  // namespace katydid::target
