#pragma once

#include "tests/support/temporary_file.hpp"
#include "tests/support/test_certificate.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// A real HTTP/2 proxy in front of a server that speaks HTTP/1.1, where nghttpx is installed (tools/setup --tests): so
/// the server's count of requests is that of HTTP/2 as well.
class Nghttpx {
 public:
  static bool is_installed();

  /// In front of a port of 127.0.0.1.
  explicit Nghttpx(std::uint16_t port);
  ~Nghttpx();
  Nghttpx(const Nghttpx&) = delete;
  Nghttpx& operator=(const Nghttpx&) = delete;

  std::string url(std::string_view path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::string tls_url(std::string_view path = "") const {
    return "https://127.0.0.1:" + std::to_string(tls_port_) + std::string(path);
  }

 private:
  const TestCertificate made_;
  const TemporaryFile certificate_, key_;  // it listens before it reads them
  pid_t process_ = -1;
  std::uint16_t port_ = 0, tls_port_ = 0;
};

}  // namespace katydid
