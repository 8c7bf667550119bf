#include "worker/process/health_check.hpp"
#include "worker/process/health_server.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#ifdef __linux__
using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A process that says of itself what `look` says, from a thread that runs while this object is there.
class Answering {
 public:
  explicit Answering(std::function<void(HealthCallback)> look) : server_(std::in_place, io_.get_executor(), look) {}
  ~Answering() {
    asio::post(io_, [this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::optional<HealthServer> server_;
  std::thread thread_{[this] { io_.run(); }};
};

Health check_this_process(std::chrono::milliseconds patience = 5s) { return check_health({::getpid()}, patience); }

std::string named(pid_t process) { return "katydid: process " + std::to_string(process); }

}  // namespace

TEST_CASE("a process that answers is as it says") {
  {
    const Answering well([](const HealthCallback& told) { told({.text = "running"}); });
    for (int i = 0; i < 40; ++i) {  // more than may ask at a time
      const Health health = check_this_process();
      CHECK(health.well);
      CHECK(health.text == named(::getpid()) + " is well: running\n");
    }
    CHECK(check_health({}).text.find(named(::getpid()) + " is well: running\n") != std::string::npos);
  }
  CHECK(check_this_process().text ==
        "katydid: there is no worker here, or none with the process id " + std::to_string(::getpid()) + "\n");
  CHECK_FALSE(check_this_process().well);
}

TEST_CASE("one that is ill makes all ill") {
  const Answering well([](const HealthCallback& told) { told({.text = "running"}); });
  const Answering ill([](const HealthCallback& told) { told({.well = false, .text = "blocked"}); });
  const Health both = check_this_process();
  CHECK_FALSE(both.well);
  CHECK(both.text.find(" is well: running\n") != std::string::npos);
  CHECK(both.text.find(" is ill: blocked\n") != std::string::npos);
}

TEST_CASE("one that never answers is ill") {
  const Answering silent([](const HealthCallback&) {});
  const Health health = check_this_process(200ms);
  CHECK_FALSE(health.well);
  CHECK(health.text.find("closed the connection without an answer") != std::string::npos);
}

TEST_CASE("a process that stands still is ill, and a parent stands for its children") {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    asio::io_context io{1};
    const HealthServer server(io.get_executor(), [](const HealthCallback& told) { told({.text = "a child"}); });
    [[maybe_unused]] const auto size = ::write(ready[1], "", 1);
    io.run();
    std::_Exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(check_health({child}).text == named(child) + " is well: a child\n");
  CHECK(check_this_process().text == named(child) + " is well: a child\n");
  ::kill(child, SIGSTOP);
  const Health stopped = check_health({child}, 300ms);
  CHECK_FALSE(stopped.well);
  CHECK(stopped.text.find(named(child) + " is ill: it does not answer") != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(check_health({child}).text.starts_with("katydid: there is no worker here"));
  ::close(ready[0]);
  ::close(ready[1]);
}
#endif
