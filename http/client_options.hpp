#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace katydid {

/// Settings of a user's client; a user changes them in its constructor or in on_start.
struct ClientOptions {
  std::string base_url{};  ///< Locust's `host`: what a path is added to
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds connect_timeout{60'000};
  bool verify = true;
  std::string ca_file{};  ///< certificates to trust in place of the system's
  std::string client_certificate{}, client_key{};
  std::string proxy{};
  std::string unix_socket{};
  std::string user_agent{};                                    ///< empty: katydid/VERSION
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  int max_redirects = 30;
};

}  // namespace katydid
