#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace katydid {

class Tracer;

/// What requests are sent by. As Locust's clients, ours use HTTP/1.1 where nobody says otherwise.
enum class HttpVersion : std::uint8_t {
  automatic,  ///< over TLS the server chooses between HTTP/2 and 1.1 (ALPN); else HTTP/1.1
  http1,
  http2,  ///< nothing else; without TLS by prior knowledge (RFC 9113, 3.3)
  http3   ///< nothing else; HttpClient only, where its libcurl has it
};

/// Settings of a user's client; a user changes them in its constructor, in on_start, or between two requests.
struct ClientOptions {
  /// Locust's `host`: what a path is added to. "http://ann:secret@host" signs in with HTTP Basic.
  std::string base_url{};
  std::chrono::milliseconds timeout{60'000};          ///< for the whole request, redirects included; zero: none
  std::chrono::milliseconds connect_timeout{60'000};  ///< for name, connection and TLS; zero: none
  /// `timeout` begins once there is a connection, and anew with each piece of the answer, as sockets of Python mean it.
  /// FastHttpClient only.
  bool timeout_of_each_read = false;
  HttpVersion http_version = HttpVersion::http1;
  /// Of one origin; further requests wait for one of these, without a time limit of their own. Zero: as many as are
  /// asked for at once. FastHttpClient only.
  std::uint32_t max_connections = 0;
  /// Connections are those of all users of a loop that say so and have the same settings for connections, as h2load has
  /// it; cookies stay each user's own. With HTTP/2 and `max_connections`, requests spread over so many; without, there
  /// is another one when the server takes no more at once. FastHttpClient only.
  bool share_connections = false;
  /// Refuses answers that geventhttpclient refuses: with bare line feeds, folded headers or a length said twice, and,
  /// as "UnknownEncoding: " and its name, with a Content-Encoding that nobody knows, but for redirects.
  /// FastHttpClient only.
  bool strict = false;
  bool verify = true;                              ///< check the server's certificate
  bool verify_host = true;                         ///< and that it is for the host of the URL
  std::string ca_file{};                           ///< to trust: PEM, or a folder that OpenSSL's rehash made
  std::string client_certificate{}, client_key{};  ///< PEM files
  /// "http://host:port" or "http://user:password@host:port"; the environment's is not looked at. HttpClient takes
  /// libcurl's other kinds, too.
  std::string proxy{};
  std::string unix_socket{};  ///< connect to this in place of the URL's host
  /// An IP address of this machine, which connections are to come from; empty: the system chooses.
  std::string source_address{};
  /// Of a name with several addresses: which one connections try first, counted round.
  std::uint32_t address_turn = 0;
  std::string user_agent{};                                    ///< empty: katydid/VERSION
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  int max_redirects = 30;
  std::uint64_t max_body = 1ULL << 30;  ///< bytes of an answer, decoded; a longer one is an error
  Tracer* tracer = nullptr;             ///< sees all requests and answers; must outlive the client

  bool operator==(const ClientOptions&) const = default;
};

}  // namespace katydid
