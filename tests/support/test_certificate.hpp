#pragma once

#include <string>

namespace katydid {

struct TestCertificateOptions {
  std::string subject_alt_name{};  ///< as OpenSSL writes it: "DNS:site.test,IP:127.0.0.1"
  long seconds_valid = 3600;       ///< from a minute ago; negative: expired
};

/// A self-signed certificate with that common name; it is its own authority.
struct TestCertificate {
  explicit TestCertificate(const std::string& common_name, const TestCertificateOptions& options = {});
  std::string certificate_pem, key_pem;
};

}  // namespace katydid
