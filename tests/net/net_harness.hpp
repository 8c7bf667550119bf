#pragma once

#include "base/recorder.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string_view>

namespace katydid {

struct NoRecorder final : Recorder {
  void record(const Sample&) override {}
  void cut_off(std::string_view, std::string_view) override {}
};

/// A user, as operations see one.
struct TestContext final : Context {
  explicit TestContext(Loop& l) : Context(l, recorder_) {}
  void on_parked() override { ++parked; }
  int parked = 0;
  NoRecorder recorder_;
};

template <class Condition>
void turn_until(Loop& loop, Condition condition) {
  const auto deadline = Loop::clock::now() + std::chrono::seconds(10);
  while (!condition() && Loop::clock::now() < deadline) loop.poll();
  REQUIRE(condition());
}

template <class Body>
void on_every_loop(Body body) {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::epoll, EventLoop::asio}) {
    CAPTURE(to_string(kind));
    Loop loop(kind);
    body(loop);
  }
}

}  // namespace katydid
