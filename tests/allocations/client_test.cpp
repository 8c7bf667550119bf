// A user's requests, without memory at each place in turn: they fail with a text or an exception, the user goes on.
#include "tests/allocations/failing.hpp"
#include "tests/http/http_client_harness.hpp"

#include <chrono>
#include <string>
#include <thread>

using namespace katydid;
using testing::FailingAllocation;
using testing::refused;

namespace {

task<std::string> ask_for(FastHttpClient& client, std::string_view path) {
  const Response response = co_await client.get(path);
  co_return response.error().empty() ? std::to_string(response.status()) + response.body()
                                     : std::string(refused) + response.error();
}

/// By a shard of its own: as what the loop throws ends the worker, with a message.
std::string one_request(std::string_view path) {
  FastShard shard(ClientOptions{.base_url = test_target().url()});
  task<std::string> work = ask_for(shard.user.client, path);
  work.start(shard.user);
  const auto deadline = Loop::clock::now() + std::chrono::seconds(5);
  while (!work.done() && Loop::clock::now() < deadline) {
    shard.loop.poll();
    std::this_thread::sleep_for(std::chrono::microseconds(50));  // the target has threads of this process
  }
  return work.done() ? work.result() : "it has no end";
}

}  // namespace

TEST_CASE("one request") {
  for (const std::string_view path :
       {"/hello", "/gzip/20000", "/bytes/200000", "/redirect/2", "/cookies/set?a=b", "/chunked/5000"}) {
    CAPTURE(path);
    testing::fail_each_allocation([&] { return one_request(path); });
  }
}
