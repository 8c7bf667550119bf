#include "base/task.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coroutine>
#include <csignal>
#include <string>

namespace katydid {
struct Context {};
}  // namespace katydid

using namespace katydid;

namespace {

struct Yes {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  bool await_resume() const noexcept { return true; }
};

struct User {
  int calls = 0;
  task<> in_if() {
    if (co_await Yes{}) ++calls;
  }
  task<> in_while() {
    while (co_await Yes{}) {
      if (++calls == 1) co_return;
    }
  }
  task<> in_switch() {
    switch (static_cast<int>(co_await Yes{})) {
      case 1:
        ++calls;
        break;
      default:
        break;
    }
  }
  task<> named() {
    const bool yes = co_await Yes{};
    if (yes) ++calls;
  }
};

struct Outcome {
  int status;
  std::string said;
};

/// Runs it in a process of its own, which exits with 0 when the task did its work.
Outcome run(task<> (User::*make)()) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], 2);
    User user;
    Context context;
    auto task = (user.*make)();
    task.start(context);
    ::_exit(task.done() && user.calls == 1 ? 0 : 1);
  }
  ::close(pipe[1]);
  Outcome outcome{};
  char buffer[512];
  while (const auto size = ::read(pipe[0], buffer, sizeof buffer)) {
    if (size < 0) break;
    outcome.said.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(pipe[0]);
  REQUIRE(::waitpid(child, &outcome.status, 0) == child);
  return outcome;
}

}  // namespace

TEST_CASE("a task that awaits in a condition runs rightly, or says that the compiler has spoilt it") {
  for (const auto make : {&User::in_if, &User::in_while, &User::in_switch}) {
    const Outcome outcome = run(make);
    if (WIFEXITED(outcome.status)) {
      CHECK(WEXITSTATUS(outcome.status) == 0);
    } else {
      CAPTURE(outcome.said);
      CHECK(WTERMSIG(outcome.status) == SIGABRT);
      CHECK(outcome.said.find("Name the result first") != std::string::npos);
    }
  }
}

TEST_CASE("a task that names what it awaits runs with every compiler") {
  const Outcome outcome = run(&User::named);
  CHECK(WIFEXITED(outcome.status));
  CHECK(WEXITSTATUS(outcome.status) == 0);
}
