#include "worker/process/worker_processes.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>

using namespace katydid;

TEST_CASE("each worker runs in a process of its own with its index, and the largest exit code is returned") {
  const pid_t parent = ::getpid();
  CHECK(run_worker_processes(3, [parent](int index) {
          if (::getpid() == parent) return 100;
          return index;
        }) == 2);
  CHECK(run_worker_processes(2, [](int) { return 0; }) == 0);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("a worker that a signal ends counts as in a shell, and the others go on") {
  CHECK(run_worker_processes(2, [](int index) {
          if (index == 0) ::kill(::getpid(), SIGKILL);
          ::usleep(50'000);
          return 0;
        }) == 128 + SIGKILL);
}

TEST_CASE("what a worker throws ends it alone") {
  CHECK(run_worker_processes(2, [](int index) -> int {
          if (index == 1) throw std::runtime_error("this worker could not start");
          return 0;
        }) == 1);
}

TEST_CASE("a signal is handed on to every worker, whose own handling of signals is untouched") {
  const pid_t parent = ::getpid();
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const int code = run_worker_processes(3, [parent, &ready](int index) {
    static volatile std::sig_atomic_t told = 0;
    std::signal(SIGTERM, [](int) { told = 1; });
    char byte = 0;
    if (::write(ready[1], &byte, 1) != 1) return 8;
    if (index == 0) {
      for (int i = 0; i < 3; ++i)  // until all of them have their handlers
        if (::read(ready[0], &byte, 1) != 1) return 8;
      ::kill(parent, SIGTERM);
    }
    for (int i = 0; i < 500 && !told; ++i) ::usleep(10'000);
    return told ? 0 : 9;
  });
  for (const int end : ready) ::close(end);
  CHECK(code == 0);
}
