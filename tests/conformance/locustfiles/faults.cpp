// Users that fail in each way that the master shows; faults.py is the same in Python.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct StatusUser : HttpUser {
  task<> broken_server() { co_await client.get("/status/500"); }
};
KATYDID_USER(StatusUser).wait_time(constant(100ms)).task<&StatusUser::broken_server>();

struct RefusedUser : HttpUser {
  task<> nobody_listens() { co_await client.get("http://127.0.0.1:9/", {.name = "refused"}); }
};
KATYDID_USER(RefusedUser).wait_time(constant(100ms)).task<&RefusedUser::nobody_listens>();

struct TimeoutUser : HttpUser {
  task<> too_slow() { co_await client.get("/delay/5000", {.timeout = 300ms}); }
};
KATYDID_USER(TimeoutUser).wait_time(constant(100ms)).task<&TimeoutUser::too_slow>();

struct CheckedUser : HttpUser {
  task<> wrong_text() {
    auto response = co_await client.get("/hello", {.name = "wrong", .catch_response = true});
    response.failure("not what was asked for");
  }
  task<> fine_after_all() {
    auto response = co_await client.get("/status/404", {.name = "fine", .catch_response = true});
    response.success();
  }
};
KATYDID_USER(CheckedUser)
    .wait_time(constant(100ms))
    .task<&CheckedUser::wrong_text>()
    .task<&CheckedUser::fine_after_all>();

struct ThrowingUser : HttpUser {
  task<> breaks() {
    co_await client.get("/hello");
    throw std::runtime_error("this task is broken");
  }
};
KATYDID_USER(ThrowingUser).wait_time(constant(200ms)).task<&ThrowingUser::breaks>();

struct SpinningUser : User {
  task<> spin() {
    const auto until = std::chrono::steady_clock::now() + 4s;
    while (std::chrono::steady_clock::now() < until) {
    }
    co_return;
  }
};
KATYDID_USER(SpinningUser).wait_time(constant(100ms)).task<&SpinningUser::spin>();
