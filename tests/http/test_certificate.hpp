#pragma once

#include <string>

namespace katydid {

/// A self-signed certificate with that common name, good for an hour; it is its own authority.
struct TestCertificate {
  explicit TestCertificate(const std::string& common_name);
  std::string certificate_pem, key_pem;
};

}  // namespace katydid
