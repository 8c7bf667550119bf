#pragma once

#include "base/phases.hpp"
#include "base/recorder.hpp"
#include "base/task.hpp"
#include "http/client_options.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace katydid {

/// Keeps all that was recorded.
struct TestRecorder final : Recorder {
  struct Entry {
    std::string method, name, error;
    std::chrono::nanoseconds response_time;
    std::uint64_t length;
    Phases phases{};
  };
  void record(const Sample& sample) override {
    samples.push_back({std::string(sample.method), std::string(sample.name), std::string(sample.error),
                       sample.response_time, sample.response_length, sample.phases ? *sample.phases : Phases{}});
  }
  void cut_off(std::string_view method, std::string_view name) override { cut.emplace_back(method, name); }

  std::vector<Entry> samples;
  std::vector<std::pair<std::string, std::string>> cut;
};

/// A user with a client of type Client, whose engine is of type Engine.
template <class Client, class Engine>
struct TestUser final : Context {
  TestUser(Loop& l, Recorder& r, Engine& engine, ClientOptions options)
      : Context(l, r), client(engine, std::move(options)) {}
  void on_parked() override { ++parked; }

  Client client;
  int parked = 0;
};

/// A shard without a worker around it: loop, engine, recorder, and one user.
template <class Client, class Engine, EventLoop Kind = EventLoop::automatic>
struct TestShard {
  using User = TestUser<Client, Engine>;

  explicit TestShard(ClientOptions options) : engine(loop), user(loop, recorder, engine, std::move(options)) {}
  explicit TestShard(std::string base_url) : TestShard(ClientOptions{.base_url = std::move(base_url)}) {}

  /// Turns the loop until the condition holds, 20 seconds at the most.
  template <class Condition>
  void turn_until(Condition condition) {
    const auto deadline = Loop::clock::now() + std::chrono::seconds(20);
    struct Tick : Timer {
      Tick() : Timer([](Timer&) {}) {}
    } tick;
    while (!condition() && Loop::clock::now() < deadline) {
      loop.arm(tick, Loop::clock::now() + std::chrono::milliseconds(2));
      loop.post([&] { loop.stop(); });
      loop.run();
    }
    if (tick.armed()) loop.disarm(tick);
    REQUIRE(condition());
  }

  /// Runs a coroutine to its end and returns its result, or throws what it threw.
  template <class T>
  T run(task<T> work) {
    const int in_flight = user.requests_in_flight;
    work.start(user);
    turn_until([&] { return work.done(); });
    CHECK(user.requests_in_flight == in_flight);
    return work.result();
  }

  /// The one thing recorded since the last call.
  TestRecorder::Entry recorded() {
    REQUIRE(recorder.samples.size() == 1);
    auto entry = recorder.samples.front();
    recorder.samples.clear();
    return entry;
  }

  Loop loop{Kind};
  Engine engine;
  TestRecorder recorder;
  User user;
};

}  // namespace katydid
