// Users with what report files have to get right; reported.py is the same in Python.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct ReportedUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
  task<> slow() { co_await client.get("/delay/25", {.name = "/delay/[ms]"}); }
  task<> broken_server() { co_await client.get("/status/500"); }
  task<> hostile() {
    co_await client.get("/hello", {.name = "comma, \"quotes\"\r\nand </script><script>alert(1)</script>"});
    co_await client.get("/hello", {.name = "=1+1"});
    co_await client.get("/hello", {.name = "caf\xc3\xa9 \xff"});
    auto response = co_await client.get("/hello", {.name = "checked", .catch_response = true});
    response.failure("\"no\", <b>never</b>\nand no");
  }
  task<> throws() {
    throw std::runtime_error("thrown, with \"quotes\"\nand a line");
    co_return;
  }
};
KATYDID_USER(ReportedUser)
    .wait_time(constant(50ms))
    .task<&ReportedUser::hello>(10)
    .task<&ReportedUser::slow>(4)
    .task<&ReportedUser::broken_server>()
    .task<&ReportedUser::hostile>()
    .task<&ReportedUser::throws>();
