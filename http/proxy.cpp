#include "http/proxy.hpp"

#include "http/ascii.hpp"

namespace katydid {
namespace {

constexpr std::string_view scheme = "http://";

/// Without user and password.
std::string shown(std::string_view url) {
  const auto marker = url.find("://");
  const auto start = marker == url.npos ? 0 : marker + 3;
  const auto authority = url.substr(start, url.find_first_of("/?#", start) - start);
  const auto at = authority.rfind('@');
  std::string text(url.substr(0, start));
  return text.append(url.substr(start + (at == authority.npos ? 0 : at + 1)));
}

}  // namespace

Proxy::Proxy(std::string_view url) : text(url) {
  const bool has_scheme = url.find("://") != url.npos;
  if (has_scheme && !starts_ignoring_case(url, scheme)) {
    error = "InvalidProxy: only proxies with an http:// URL can be used here: " + shown(url);
    return;
  }
  const std::string whole = has_scheme ? text : std::string(scheme) + text;
  const Url parts = split_url(whole);
  host = parts.host;
  port = parts.port;
  const auto colon = parts.user_info.find(':');
  user = percent_decoded(parts.user_info.substr(0, colon));
  if (colon != std::string_view::npos) password = percent_decoded(parts.user_info.substr(colon + 1));
  if (host.empty() || (!port.empty() && parts.port_number() == 0))
    error = "InvalidProxy: the proxy's URL has no valid host and port: " + shown(url);
}

std::string_view proxy_of_request(const ClientOptions& client, const RequestOptions& options) {
  if (!client.unix_socket.empty()) return {};
  const std::string_view chosen = options.proxy.empty() ? std::string_view(client.proxy) : options.proxy;
  return chosen == no_proxy ? std::string_view() : chosen;
}

std::string through_proxy(std::string_view place, std::string_view proxy) {
  return std::string(place).append(" through proxy ").append(shown(proxy));
}

std::string unresolved_proxy(std::string_view proxy) {
  return "NameResolutionError: cannot resolve the proxy's host '" + shown(proxy) + "'";
}

}  // namespace katydid
