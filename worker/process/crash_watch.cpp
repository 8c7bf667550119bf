#include "worker/process/crash_watch.hpp"

#include "base/signals_blocked.hpp"
#include "worker/process/stack_trace.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>

namespace katydid {
namespace {

constexpr std::array crashing = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t stack_size = 64 * 1024;

/// What a signal's handler may touch.
struct Shared {
  int pipe[2] = {-1, -1};
  std::array<struct sigaction, crashing.size()> before{};
  pthread_t watcher{};
  std::atomic<int> crashes = 0;
  std::atomic<bool> told = false;
  int signal = 0;
  void* address = nullptr;
  StackTrace trace;
} shared;

void put_back_handlers() {
  for (std::size_t i = 0; i < crashing.size(); ++i) ::sigaction(crashing[i], &shared.before[i], nullptr);
}

bool has_address(int signal) { return signal != SIGABRT; }

void on_crash(int signal, siginfo_t* info, void*) {
  const int error = errno;
  const bool first = shared.crashes.fetch_add(1) == 0;
  if (first) {
    shared.signal = signal;
    shared.address = info->si_addr;
    shared.trace = StackTrace::here(1);
    const char byte = 1;
    [[maybe_unused]] const auto written = ::write(shared.pipe[1], &byte, 1);
  }
  if (!::pthread_equal(::pthread_self(), shared.watcher)) {
    constexpr long step_ms = 10;
    const timespec step{.tv_sec = 0, .tv_nsec = step_ms * 1'000'000};
    const auto steps = std::chrono::milliseconds(CrashWatch::patience).count() / step_ms;
    for (long i = 0; i < steps && !shared.told; ++i) ::nanosleep(&step, nullptr);
  }
  put_back_handlers();
  errno = error;
  // What crashed is tried again on return, and abort() goes on. A signal that somebody sent has to come once more.
  if (info->si_code <= 0 && signal != SIGABRT) ::raise(signal);
}

std::string name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

Crash what_happened() {
  std::string what = name_of(shared.signal) + " (" + ::strsignal(shared.signal) + ")";
  if (has_address(shared.signal)) {
    char address[32];
    std::snprintf(address, sizeof address, " at address %p", shared.address);
    what += address;
  }
  return {.what = std::move(what), .trace = shared.trace.text(StackTrace::Frames::all)};
}

}  // namespace

CrashWatch::CrashWatch(std::function<void(const Crash&)> last_word) : last_word_(std::move(last_word)) {
  if (::pipe(shared.pipe) != 0) throw std::system_error(errno, std::generic_category(), "a pipe was not made");
  shared.crashes = 0;
  shared.told = false;
  (void)StackTrace::here();  // what it makes once is made here, and not in a handler
  {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { wait(); });
  }
  shared.watcher = thread_.native_handle();
  begin_thread();
  struct sigaction action {};
  action.sa_sigaction = &on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (std::size_t i = 0; i < crashing.size(); ++i) ::sigaction(crashing[i], &action, &shared.before[i]);
}

CrashWatch::~CrashWatch() {
  put_back_handlers();
  ::close(shared.pipe[1]);
  thread_.join();
  ::close(shared.pipe[0]);
}

void CrashWatch::begin_thread() {
  struct OwnStack {
    OwnStack() {
      const stack_t stack{.ss_sp = memory.get(), .ss_flags = 0, .ss_size = stack_size};
      ::sigaltstack(&stack, nullptr);
    }
    ~OwnStack() {
      const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
      ::sigaltstack(&none, nullptr);
    }
    std::unique_ptr<char[]> memory = std::make_unique<char[]>(stack_size);
  };
  thread_local const OwnStack stack;
  (void)stack;
}

void CrashWatch::wait() {
  char byte = 0;
  ssize_t count = 0;
  do {
    count = ::read(shared.pipe[0], &byte, 1);
  } while (count < 0 && errno == EINTR);
  if (count != 1) return;
  last_word_(what_happened());
  shared.told = true;
}

}  // namespace katydid
