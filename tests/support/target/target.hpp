#pragma once

#include "tests/support/target/counters.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// A small HTTP/1.1 server that counts what it serves and misbehaves on request: the other end of every test, and the
/// judge of what a load test claims to have done. It shares no code with the clients that it judges.
/// docs/target.md lists its paths.
namespace katydid::target {

struct TlsOptions {
  std::uint16_t port = 0;   ///< 0: any
  std::string certificate;  ///< PEM file; empty: a pair made at the start (see Target::certificate_pem)
  std::string key;          ///< PEM file
  std::string client_ca;    ///< PEM file; clients then must show a certificate that it signed
};

struct Options {
  std::string host = "127.0.0.1";  ///< address or name; "::" or "[::]" takes IPv4 too
  std::uint16_t port = 0;          ///< 0: any
  std::string unix_path;           ///< a Unix socket besides; the file is removed at the end
  std::optional<TlsOptions> tls;   ///< HTTPS besides
  unsigned threads = 1;
  std::size_t max_paths = 1000;  ///< counted one by one and per thread; further ones are counted as "other"
  std::function<void(std::string_view)> log = {};  ///< gets warnings, from any thread; empty: they go to standard error
};

/// Listens from the constructor on, serves in threads of its own, stops in the destructor.
class Target {
 public:
  /// Throws std::runtime_error that says what could not be listened on, or which TLS file is bad.
  explicit Target(Options options = {});
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  std::uint16_t port() const;
  /// 0 without TLS.
  std::uint16_t tls_port() const;
  /// "http://127.0.0.1:PORT" and the path.
  std::string url(std::string_view path = "") const;
  std::string tls_url(std::string_view path = "") const;
  /// What a client has to trust to trust the HTTPS side; empty without TLS.
  std::string certificate_pem() const;

  Counts counts() const;
  /// Zeroes the counts. Requests in flight are forgotten.
  void reset_counts();

  /// Breaks off all connections and ends the threads; the counts stay. Again: nothing.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One line per path, for --help.
std::string describe_paths();

}  // namespace katydid::target
