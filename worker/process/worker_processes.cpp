#include "worker/process/worker_processes.hpp"

#include "worker/log/log.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <system_error>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.main"};

// Signals that the parent takes one by one with sigwait(), blocked from before the first fork.
class TakenSignals {
 public:
  TakenSignals() {
    sigemptyset(&taken_);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&taken_, signal);
    sigprocmask(SIG_BLOCK, &taken_, &before_);
  }
  ~TakenSignals() { give_back(); }
  TakenSignals(const TakenSignals&) = delete;
  TakenSignals& operator=(const TakenSignals&) = delete;

  void give_back() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  int next() const {
    int signal = 0;
    sigwait(&taken_, &signal);
    return signal;
  }

 private:
  sigset_t taken_, before_;
};

[[noreturn]] void be_worker(int index, const std::function<int(int)>& worker, const TakenSignals& signals,
                            [[maybe_unused]] pid_t parent) {
  // Out of the terminal's group: Ctrl-C comes by way of the parent alone, once.
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) std::_Exit(1);  // it died before this was set
#endif
  signals.give_back();
  int code = 1;
  try {
    code = worker(index);
  } catch (const std::exception& error) {
    logger.error("{}", error.what());
  }
  std::fflush(nullptr);
  std::_Exit(code);  // what is to be destroyed at exit is the parent's
}

class WorkerProcesses {
 public:
  void start(int index, const std::function<int(int)>& worker, const TakenSignals& signals) {
    const pid_t parent = ::getpid();
    const pid_t id = ::fork();
    if (id < 0) {
      const int error = errno;
      hand_on(SIGTERM);
      throw std::system_error(error, std::generic_category(),
                              "worker " + std::to_string(index) + " could not be forked");
    }
    if (id == 0) be_worker(index, worker, signals, parent);
    indexes_[id] = index;
  }

  bool running() const { return !indexes_.empty(); }
  int exit_code() const { return exit_code_; }

  void hand_on(int signal) const {
    for (const auto& [id, index] : indexes_) ::kill(id, signal);
  }

  void reap() {
    int status = 0;
    for (pid_t id = 0; (id = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto ended = indexes_.find(id);
      if (ended == indexes_.end()) continue;
      int code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) {
        code = 128 + WTERMSIG(status);
        logger.error(
            "worker {} (process {}) was ended by signal {}. What it counted since its last report is lost. Workers "
            "left: {}",
            ended->second, id, WTERMSIG(status), indexes_.size() - 1);
      } else if (code != 0) {
        logger.error("worker {} (process {}) ended with exit code {}. Workers left: {}", ended->second, id, code,
                     indexes_.size() - 1);
      }
      exit_code_ = std::max(exit_code_, code);
      indexes_.erase(ended);
    }
  }

 private:
  std::map<pid_t, int> indexes_;
  int exit_code_ = 0;
};

}  // namespace

int run_worker_processes(int count, const std::function<int(int)>& worker) {
  const TakenSignals signals;
  WorkerProcesses processes;
  std::fflush(nullptr);  // or each of them would write what is buffered now
  for (int index = 0; index < count; ++index) processes.start(index, worker, signals);
  while (processes.running()) {
    const int signal = signals.next();
    if (signal != SIGCHLD) processes.hand_on(signal);
    processes.reap();
  }
  return processes.exit_code();
}

}  // namespace katydid
