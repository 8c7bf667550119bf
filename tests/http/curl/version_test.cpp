#include "http/curl/version.hpp"

#include "tests/http/http_client_harness.hpp"

#include <curl/curl.h>
#include <doctest/doctest.h>

using namespace katydid;

namespace {

constexpr std::string_view what_to_do =
    "; run it with libcurl 8.1 or later that has HTTP/3 (docs/http3.md), or ask for another http_version";

/// What is said where libcurl has no HTTP/3.
std::string refusal() {
  const auto& built = *curl_version_info(CURLVERSION_NOW);
  const bool has_an_old_one = (built.features & CURL_VERSION_HTTP3) != 0;
  return "HTTP3Error: the libcurl that this katydid runs with (" + std::string(built.version) + ") " +
         (has_an_old_one ? "has an HTTP/3 that hangs when a server ends the connection" : "was built without HTTP/3") +
         std::string(what_to_do);
}

}  // namespace

TEST_CASE("HTTP/3 is refused by a libcurl that has none, and where libcurl can't send it") {
  const CurlRoute good{.version = HttpVersion::http3, .url = "https://127.0.0.1:4433/x"};
  CurlRoute plain = good, proxied = good, local = good;
  plain.url = "http://127.0.0.1:4433/x";
  proxied.proxy = "http://127.0.0.1:3128";
  local.unix_socket = "/tmp/socket";
  if (!curl_has(HttpVersion::http3)) {
    for (const auto& route : {good, plain, proxied, local}) CHECK(version_error(route) == refusal());
    return;
  }
  CHECK(version_error(good).empty());
  CHECK(version_error(plain) ==
        "HTTP3Error: http_version asks for HTTP/3, which is for https:// alone (127.0.0.1:4433)");
  const std::string no_way =
      "HTTP3Error: http_version asks for HTTP/3, which libcurl sends neither through a proxy nor over a Unix socket";
  CHECK(version_error(proxied) == no_way);
  CHECK(version_error(local) == no_way);
}

TEST_CASE("other versions go by any way") {
  for (const auto version : {HttpVersion::automatic, HttpVersion::http1, HttpVersion::http2}) {
    CHECK(version_error({.version = version, .url = "http://a/", .unix_socket = "/tmp/a", .proxy = "http://b"}) ==
          (curl_has(version) || version == HttpVersion::automatic
               ? ""
               : "HTTP2Error: the libcurl that this katydid runs with was built without HTTP/2; FastHttpUser has it in "
                 "any case"));
  }
}

TEST_CASE("an answer by another version than the one that was asked for is none") {
  CHECK(other_version(HttpVersion::http1, "HTTP/1.0 200 OK").empty());
  CHECK(other_version(HttpVersion::automatic, "HTTP/1.1 200 OK").empty());
  CHECK(other_version(HttpVersion::http2, "HTTP/2 200 ").empty());
  CHECK(other_version(HttpVersion::http3, "HTTP/3 200 ").empty());
  CHECK(other_version(HttpVersion::http2, "HTTP/1.1 200 OK").starts_with("HTTP2Error: the server does not speak"));
  for (const std::string_view line : {"HTTP/2 200 ", "HTTP/1.1 200 OK", "HTTP/30 200 "})
    CHECK(other_version(HttpVersion::http3, line) ==
          "HTTP3Error: the server answered by another version, and http_version asks for HTTP/3");
}

TEST_CASE("HTTP/3: what can't be had is the request's error, and other versions go on") {
  target::Target target({.tls = target::TlsOptions{}});  // speaks TLS over TCP, and nothing over UDP
  HttpShard shard(ClientOptions{.base_url = target.tls_url(), .http_version = HttpVersion::http3, .verify = false});
  const auto refused = get(shard, "/hello");
  CHECK(shard.recorded().error == refused.error());
  CHECK(refused.status() == 0);
  if (curl_has(HttpVersion::http3)) {
    CHECK(refused.error().starts_with("HTTP3Error: no connection over UDP: "));
    CHECK(refused.error().ends_with(" (127.0.0.1:" + std::to_string(target.tls_port()) + ")"));
  } else {
    CHECK(refused.error() == refusal());
  }
  CHECK(target.counts().connections == 0);
  shard.user.client.options().http_version = HttpVersion::http1;
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("HTTP/3: FastHttpUser says that HttpUser has it", Shard, KATYDID_FAST_SHARDS) {
  target::Target target({.tls = target::TlsOptions{}});
  Shard shard(ClientOptions{.base_url = target.tls_url(), .http_version = HttpVersion::http3, .verify = false});
  const auto refused = get(shard, "/hello");
  CHECK(refused.error() ==
        "HTTP3Error: FastHttpUser speaks HTTP/1.1 and HTTP/2, and http_version asks for HTTP/3; HttpUser has it");
  CHECK(shard.recorded().error == refused.error());
  CHECK(target.counts().connections == 0);
  shard.user.client.options().http_version = HttpVersion::automatic;
  CHECK(get(shard, "/hello").ok());
}
