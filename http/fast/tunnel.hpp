#pragma once

#include "http/fast/response_parser.hpp"
#include "http/proxy.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// The way of one connection through a proxy (RFC 9110, 9.3.6): what the proxy is asked, and what it answers. An open
/// one keeps no more than the proxy.
class Tunnel {
 public:
  enum class State { asked, open, refused };

  explicit Tunnel(const Proxy& proxy) : proxy_(proxy) {}

  const Proxy& proxy() const { return proxy_; }
  /// Asks for a connection to `origin`.
  void ask(const Url& origin, std::string& out);
  /// Takes what came from the proxy.
  State feed(std::string_view bytes);
  /// Why it was refused: "ProxyError: …", without the place.
  const std::string& error() const { return error_; }

 private:
  struct Answer {
    ResponseParser parser;
    Response::Content content;
  };
  State refuse(std::string_view why);

  Proxy proxy_;
  std::unique_ptr<Answer> answer_;  // until it is there
  std::string error_;
};

/// "Proxy-Authorization: Basic …" with its line end, or "".
std::string proxy_authorization_line(const Proxy& proxy);

}  // namespace katydid
