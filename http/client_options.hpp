#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace katydid {

class Tracer;

/// Settings of a user's client; a user changes them in its constructor, in on_start, or between two requests.
struct ClientOptions {
  /// Locust's `host`: what a path is added to. "http://ann:secret@host" signs in with HTTP Basic.
  std::string base_url{};
  std::chrono::milliseconds timeout{60'000};          ///< for the whole request, redirects included; zero: none
  std::chrono::milliseconds connect_timeout{60'000};  ///< for name, connection and TLS; zero: none
  bool verify = true;                                 ///< check the server's certificate
  std::string ca_file{};                              ///< certificates to trust in place of the system's
  std::string client_certificate{}, client_key{};     ///< PEM files
  std::string proxy{};                                ///< "http://host:port"; the environment's is not looked at
  std::string unix_socket{};                          ///< connect to this in place of the URL's host
  std::string user_agent{};                           ///< empty: katydid/VERSION
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  int max_redirects = 30;
  std::uint64_t max_body = 1ULL << 30;  ///< bytes of an answer, decoded; a longer one is an error
  Tracer* tracer = nullptr;             ///< sees all requests and answers; must outlive the client

  bool operator==(const ClientOptions&) const = default;
};

}  // namespace katydid
