#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace katydid {

/// What is known of a thread that crashed.
struct Crash {
  std::string what;   ///< "SIGSEGV (Segmentation fault) at address 0x10"
  std::string trace;  ///< where, as StackTrace writes it
};

/// Lets a process say a last word when it crashes by SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT. The thread that
/// crashed stands still meanwhile, and then the signal ends the process as it would have, with its core file. One at a
/// time.
class CrashWatch {
 public:
  /// `last_word` is called on a thread of its own, whatever the process is worth by then. What hangs in it for longer
  /// than this is not waited for.
  static constexpr std::chrono::seconds patience{5};
  explicit CrashWatch(std::function<void(const Crash&)> last_word);
  ~CrashWatch();
  CrashWatch(const CrashWatch&) = delete;
  CrashWatch& operator=(const CrashWatch&) = delete;

  /// For each thread that runs users' code, as it begins: an overflow of its stack can be told, too.
  static void begin_thread();

 private:
  void wait();

  std::function<void(const Crash&)> last_word_;
  std::thread thread_;
};

}  // namespace katydid
