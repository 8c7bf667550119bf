#pragma once

#include "http/fast/engine.hpp"
#include "net/loop.hpp"

#include <nanobind/nanobind.h>

#include <optional>
#include <string_view>
#include <thread>

namespace katydid::python {

namespace nb = nanobind;

/// A thing that is under way in an engine, in its list of them.
struct Pending {
  Pending() = default;
  virtual ~Pending() = default;
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  void leave() {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
  void enter(Pending& list) {
    previous = &list;
    next = list.next;
    list.next->previous = this;
    list.next = this;
  }
  virtual void cancel() {}

  Pending* previous = this;
  Pending* next = this;
};

/// `Engine`: a loop with its HTTP engine, hosted by a loop of Python's. Used by the one thread that made it.
class EngineObject {
 public:
  explicit EngineObject(std::string_view event_loop);
  ~EngineObject();
  EngineObject(const EngineObject&) = delete;
  EngineObject& operator=(const EngineObject&) = delete;

  Loop& loop() { return loop_; }
  FastEngine& fast() { return fast_; }

  int fileno() const { return loop_.descriptor(); }
  /// Throws what a callback raised that is no Exception: KeyboardInterrupt and the like.
  void poll();
  /// Seconds until the next timer is due.
  std::optional<double> timeout() const;
  /// Cancels all that is under way.
  void close();

  /// Whatever was begun goes to the kernel: now, at the end of the turn that is running, or, where the host says that
  /// it will, by flush().
  void begun(Pending& pending) {
    pending.enter(pending_);
    if (!polling_ && !host_flushes_) flush_soon();
  }
  /// The same for what was ended: the kernel holds connections open until it is told.
  void ended() {
    if (!polling_ && !host_flushes_) flush_soon();
  }
  /// The same for what goes on.
  void went_on() { ended(); }
  void flush();
  void let_host_flush() { host_flushes_ = true; }
  /// `call` is called with flush() when there is something for it: to call that soon, before the host waits.
  void flush_by(nb::object call, nb::object flush);
  /// The error that Python has set: it came out of `callback`, which has no caller to hand it to.
  void take_error(PyObject* callback);

 private:
  bool on_own_thread() const { return std::this_thread::get_id() == thread_; }
  void set_alarm();
  void flush_soon();

  const std::thread::id thread_ = std::this_thread::get_id();
  Loop loop_;
  FastEngine fast_{loop_};
  Pending pending_;
  struct Alarm : Watch {
    EngineObject* engine = nullptr;
  } alarm_;  // a timer's descriptor, so that the loop's own is readable when a timer is due
  Loop::clock::time_point alarm_at_ = Loop::clock::time_point::max();
  std::optional<nb::python_error> raised_;
  nb::object call_soon_, flush_;
  bool polling_ = false, host_flushes_ = false, flushes_soon_ = false;
};

void bind_engine(nb::module_& m);

}  // namespace katydid::python
