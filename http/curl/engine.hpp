#pragma once

#include "net/loop.hpp"

#include <memory>
#include <string>

namespace katydid {

class CurlMulti;

/// What the HttpClients of one shard share: libcurl on the shard's loop, and its cache of resolved names.
/// Clients go before their engine, the engine before its loop.
class CurlEngine {
 public:
  /// Throws std::runtime_error when libcurl can't be initialised.
  explicit CurlEngine(Loop& loop);
  ~CurlEngine();
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  /// "libcurl/7.88.1 OpenSSL/3.0.17 ..."
  static std::string version();

 private:
  friend class HttpClient;
  std::unique_ptr<CurlMulti> multi_;
};

}  // namespace katydid
