#include "worker/shard_group.hpp"

#include "tests/support/captured_stderr.hpp"
#include "worker/control/asio_control_loop.hpp"
#include "worker/user/environment.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A shard whose thread is the test's: what was posted to it runs when the test says so.
class SlowShard final : public AnyShard {
 public:
  void start_thread() override {}
  void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  EventLoop event_loop() const override { return EventLoop::io_uring; }
  void begin_test(TestSettings) override {}
  void set_targets(UserTargets, StopPolicy, std::function<void()>) override {}
  ShardReport report() override {
    ShardReport report;
    report.tasks_cut_short = std::exchange(done, 0);
    return report;
  }

  void run() {
    for (const auto& work : std::exchange(posted_, {})) work();
  }
  std::uint64_t done = 0;  ///< since its last report

 private:
  std::vector<std::function<void()>> posted_;
};

struct Group {
  asio::io_context io;
  AsioControlLoop control{io.get_executor()};
  SlowShard* shard = nullptr;
  ShardGroup shards{control,
                    1,
                    ShardOptions{.make =
                                     [this](const ShardOptions&) {
                                       auto made = std::make_unique<SlowShard>();
                                       shard = made.get();
                                       return made;
                                     }},
                    {}};

  void run() {
    shard->run();
    io.restart();
    io.poll();
  }
  void collect(Collecting kind, std::optional<std::uint64_t>& into, std::chrono::milliseconds patience = 1h) {
    shards.collect(kind, patience, [&into](ShardReport report) { into = report.tasks_cut_short; });
  }
};

}  // namespace

TEST_CASE("a collection for now ends with what it has when the next one begins, which has the rest") {
  Group group;
  group.shard->done = 3;
  std::optional<std::uint64_t> first, second;
  group.collect(Collecting::for_now, first);
  CHECK_FALSE(first);
  group.collect(Collecting::for_now, second);
  CHECK(first == 0);
  CHECK_FALSE(second);
  group.run();
  CHECK(second == 3);
}

TEST_CASE("the last collection waits for all shards, whatever would begin meanwhile") {
  Group group;
  group.shard->done = 3;
  std::optional<std::uint64_t> before, last, meanwhile, after;
  group.collect(Collecting::for_now, before);
  group.collect(Collecting::last, last);
  CHECK_FALSE(before);
  group.collect(Collecting::for_now, meanwhile);
  CHECK_FALSE(last);
  group.run();
  CHECK(last == 3);
  CHECK_FALSE(meanwhile);
  group.shard->done = 2;
  group.collect(Collecting::for_now, after);
  group.run();
  CHECK(after == 2);
}

TEST_CASE("a shard that does not answer is not waited for longer than patience lasts") {
  Group group;
  group.shard->done = 3;
  std::optional<std::uint64_t> last, after;
  group.collect(Collecting::last, last, 20ms);
  group.io.run_for(5s);  // until there is nothing left to wait for
  CHECK(last == 0);
  group.collect(Collecting::for_now, after);
  group.run();
  CHECK(after == 3);
}

TEST_CASE("what a hook throws keeps no other from being called") {
  struct NoTest final : Environment {
    std::string host() const override { return {}; }
    Value parsed_options() const override { return Value::object(); }
    int worker_index() const override { return -1; }
    void send_message(std::string_view, Value) override {}
    void quit() override {}
  } environment;
  set_environment(&environment);
  const CapturedStderr log;
  int called = 0;
  const Hooks::Listeners<Environment&> listeners = {
      [](Environment&) { throw std::runtime_error("no good"); }, [](Environment&) { throw 5; },
      [&](Environment& given) { called += &given == &environment ? 1 : 100; }};
  call_each("test_start", listeners, environment);
  set_environment(nullptr);
  CHECK(called == 1);
}
