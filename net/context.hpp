#pragma once

#include <coroutine>
#include <exception>
#include <string_view>
#include <utility>

namespace katydid {

class Loop;
class Recorder;

/// What all coroutines of one user share; handed down from task to awaited task.
///
/// The contract of everything that suspends a user (a request, a sleep, a wait for a descriptor), called an operation:
///  - it starts in await_suspend, and only `if (!context.parks())`, which may throw;
///  - it resumes the coroutine from the loop, never from inside await_suspend;
///  - its destructor ends it at once when it is still under way, for a user is cancelled by destroying its coroutine.
struct Context {
  Context(Loop& l, Recorder& r) : loop(l), recorder(r) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Loop& loop;
  Recorder& recorder;
  /// Requests on their way: a user that is cancelled is given a moment to receive them, so that they are counted.
  int requests_in_flight = 0;
  /// The user ends at its next suspension.
  bool cancelled = false;
  /// What a recorder wants the task to get: whoever waits for the request that was just recorded takes it. Where nobody
  /// does, parks() throws it.
  std::exception_ptr thrown{};
  /// Of the user, "" where nobody has said it; for those who tell of its requests.
  std::string_view class_name{};

  /// True when the user is cancelled: the operation must not start, its coroutine will be destroyed soon.
  bool parks() {
    if (park()) return true;
    rethrow();
    return false;
  }
  /// The same for what has started already. It throws nothing.
  bool park() {
    if (!cancelled) return false;
    on_parked();
    return true;
  }
  /// Throws what nobody has taken.
  void rethrow() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  }
  /// A request came to its end, recorded already; called before the coroutine is resumed.
  void request_done() { --requests_in_flight; }

 protected:
  ~Context() = default;
  virtual void on_parked() = 0;
};

}  // namespace katydid
