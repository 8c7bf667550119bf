// Locust's examples/manual_stats_reporting.py: entries for what is no request.
#include <katydid/katydid.hpp>

#include <functional>

using namespace katydid;
using namespace std::chrono_literals;

struct MyUser : User {
  // The time of `work` is reported under `name`. What it throws makes that a failure, and is thrown on.
  task<> manual_report(std::string name, std::function<task<>()> work) {
    const auto start = std::chrono::steady_clock::now();
    std::exception_ptr thrown;
    std::string error;
    try {
      co_await work();
    } catch (const std::exception& exception) {
      thrown = std::current_exception();
      error = exception.what();
    }
    record(
        {.method = "manual", .name = name, .response_time = std::chrono::steady_clock::now() - start, .error = error});
    if (thrown) std::rethrow_exception(thrown);
  }
  task<> work_a_while() {
    const std::chrono::duration<double> time(random_source().fraction());
    co_await sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(time));
  }
  task<> work_and_fail() {
    co_await work_a_while();
    throw std::runtime_error("Oh nooes!");
  }
  task<> successful_task() {
    co_await manual_report("successful_task", [this] { return work_a_while(); });
  }
  task<> failing_task() {
    co_await manual_report("failing_task", [this] { return work_and_fail(); });
  }
};
KATYDID_USER(MyUser).wait_time(constant(1s)).task<&MyUser::successful_task>().task<&MyUser::failing_task>();
