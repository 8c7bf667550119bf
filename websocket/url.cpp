#include "websocket/url.hpp"

#include "http/header_text.hpp"

namespace katydid {

std::string http_url_of(std::string_view url) {
  const auto scheme = url.substr(0, url.find("://"));
  if (same_name(scheme, "ws")) return "http" + std::string(url.substr(2));
  if (same_name(scheme, "wss")) return "https" + std::string(url.substr(3));
  return std::string(url);
}

}  // namespace katydid
