#pragma once

#include "http/client_options.hpp"
#include "http/request.hpp"
#include "http/url.hpp"

#include <string>
#include <string_view>

namespace katydid {

/// An HTTP proxy as its URL names it: "http://user:password@host:port"; without a scheme it is http, without a port 80.
struct Proxy {
  explicit Proxy(std::string_view url);

  /// Where to connect to. Views of this.
  Url address() const { return {.secure = false, .user_info = {}, .host = host, .port = port, .target = {}}; }
  bool operator==(const Proxy& other) const { return text == other.text; }

  std::string text;            ///< as it was given
  std::string host, port;      ///< as in the URL
  std::string user, password;  ///< decoded; both empty without credentials
  std::string error;           ///< why it can't be used, or ""
};

/// The proxy of a request, by its URL; "" when it goes without.
std::string_view proxy_of_request(const ClientOptions& client, const RequestOptions& options);
/// For errors: `place`, and the proxy on the way there without its credentials.
std::string through_proxy(std::string_view place, std::string_view proxy);
std::string unresolved_proxy(std::string_view proxy);

}  // namespace katydid
