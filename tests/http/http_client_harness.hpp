#pragma once

#include "http/curl/client.hpp"
#include "http/curl/engine.hpp"
#include "http/fast/client.hpp"
#include "http/fast/engine.hpp"
#include "tests/http/client_harness.hpp"
#include "tests/support/target/target.hpp"

#include <string>

namespace katydid {

using HttpShard = TestShard<HttpClient, CurlEngine>;
using FastShard = TestShard<FastHttpClient, FastEngine>;  // on an io_uring, where there is one
using FastShardOnEpoll = TestShard<FastHttpClient, FastEngine, EventLoop::epoll>;
using FastShardOnAsio = TestShard<FastHttpClient, FastEngine, EventLoop::asio>;

/// For TEST_CASE_TEMPLATE: both clients are to behave alike, on every event loop. @{
#define KATYDID_FAST_SHARDS FastShard, FastShardOnEpoll, FastShardOnAsio
#define KATYDID_SHARDS HttpShard, KATYDID_FAST_SHARDS
/// @}

/// What the tests' requests go to, one for the whole program.
inline target::Target& test_target() {
  static target::Target target({.tls = target::TlsOptions{}});
  return target;
}

template <class Client, class Call>
task<Response> awaiting(Client& client, Call call) {
  co_return co_await call(client);
}

/// The answer to `call(client)`.
template <class Shard, class Call>
Response ask(Shard& shard, Call call) {
  return shard.run(awaiting(shard.user.client, std::move(call)));
}

template <class Shard>
Response get(Shard& shard, std::string_view path) {
  return ask(shard, [&](auto& client) { return client.get(path); });
}

/// The value of a header that the target's /echo received; "" when there was none.
inline std::string echoed(const Value& echo, std::string_view name) {
  for (const Value& header : echo["headers"].as_array()) {
    if (header[0].as_string() == name) return header[1].as_string();
  }
  return {};
}

}  // namespace katydid
