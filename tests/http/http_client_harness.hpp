#pragma once

#include "http/curl_engine.hpp"
#include "http/http_client.hpp"
#include "tests/http/client_harness.hpp"
#include "tests/support/target/target.hpp"

#include <string>

namespace katydid {

using HttpShard = TestShard<HttpClient, CurlEngine>;

/// What the tests' requests go to, one for the whole program.
inline target::Target& test_target() {
  static target::Target target({.tls = target::TlsOptions{}});
  return target;
}

template <class Call>
task<Response> awaiting(HttpClient& client, Call call) {
  co_return co_await call(client);
}

/// The answer to `call(client)`.
template <class Call>
Response ask(HttpShard& shard, Call call) {
  return shard.run(awaiting(shard.user.client, std::move(call)));
}

inline Response get(HttpShard& shard, std::string_view path) {
  return ask(shard, [&](HttpClient& client) { return client.get(path); });
}

/// The value of a header that the target's /echo received; "" when there was none.
inline std::string echoed(const Value& echo, std::string_view name) {
  for (const Value& header : echo["headers"].as_array()) {
    if (header[0].as_string() == name) return header[1].as_string();
  }
  return {};
}

}  // namespace katydid
