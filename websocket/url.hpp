#pragma once

#include <string>
#include <string_view>

namespace katydid {

/// "ws" stands for "http", and "wss" for "https" (RFC 6455, 3); any other text as it is.
std::string http_url_of(std::string_view url);

}  // namespace katydid
