#include "python/src/engine/engine.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string_view.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/timerfd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace katydid::python {
namespace {

/// Sets a flag for as long as it lives.
struct Raised {
  explicit Raised(bool& f) : flag(f) { flag = true; }
  ~Raised() { flag = false; }
  bool& flag;
};

/// By hand, as it is asked for with each task of each user.
PyObject* get_turn(PyObject* self, void*) noexcept {
  return PyLong_FromUnsignedLongLong(nb::inst_ptr<EngineObject>(self)->loop().turn());
}

PyGetSetDef attributes[] = {{"turn", get_turn, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot slots[] = {{Py_tp_getset, attributes}, {0, nullptr}};

}  // namespace

EngineObject::EngineObject(std::string_view event_loop) : loop_(event_loop_from(event_loop), Waiting::outside) {
#if defined(__linux__)
  alarm_.descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (alarm_.descriptor < 0) throw std::system_error(errno, std::generic_category(), "cannot create a timerfd");
  alarm_.engine = this;
  alarm_.ready = [](Watch& watch, Ready) {
    static_cast<Alarm&>(watch).engine->alarm_at_ = Loop::clock::time_point::max();
    std::uint64_t times = 0;
    [[maybe_unused]] const auto size = ::read(watch.descriptor, &times, sizeof times);
  };
  loop_.watch(alarm_, {.read = true});
#endif
  loop_.poll();
}

EngineObject::~EngineObject() {
  close();
  if (on_own_thread()) loop_.poll();  // what was cancelled is let go of
  if (alarm_.descriptor >= 0) {
    loop_.unwatch(alarm_);
    ::close(alarm_.descriptor);
  }
}

void EngineObject::poll() {
  if (polling_) throw std::logic_error("poll() was called by a callback that poll() runs");
  {
    const Raised now(polling_);
    loop_.poll();
  }
  set_alarm();
  if (raised_) {
    nb::python_error error = std::move(*raised_);
    raised_.reset();
    throw error;
  }
}

std::optional<double> EngineObject::timeout() const {
  const auto when = loop_.next_deadline();
  if (when == Loop::clock::time_point::max()) return std::nullopt;
  if (when == Loop::clock::time_point::min()) return 0.0;
  return std::max(0.0, std::chrono::duration<double>(when - Loop::clock::now()).count());
}

void EngineObject::close() {
  while (pending_.next != &pending_) pending_.next->cancel();
  if (!polling_) flush();
}

void EngineObject::flush_by(nb::object call, nb::object flush) {
  call_soon_ = std::move(call);
  flush_ = std::move(flush);
}

void EngineObject::flush_soon() {
  if (!on_own_thread()) return;
  if (!call_soon_.is_valid()) return flush();
  if (std::exchange(flushes_soon_, true)) return;
  if (const nb::object result = nb::steal(PyObject_CallOneArg(call_soon_.ptr(), flush_.ptr())); !result.is_valid()) {
    take_error(call_soon_.ptr());
    flush();
  }
}

void EngineObject::flush() {
  if (!on_own_thread()) return;  // the collector of garbage runs on any, and a ring serves one alone
  flushes_soon_ = false;
  loop_.submit();
  set_alarm();
}

/// An alarm that rings too early costs one turn of the loop, so it is only ever made to ring sooner.
void EngineObject::set_alarm() {
#if defined(__linux__)
  using namespace std::chrono;
  const auto when = loop_.next_deadline();
  if (when >= alarm_at_) return;
  alarm_at_ = when;
  const auto since = std::max(when.time_since_epoch(), Loop::clock::duration(1));
  const auto whole = floor<seconds>(since);
  const itimerspec at{.it_interval = {}, .it_value = {whole.count(), nanoseconds(since - whole).count()}};
  ::timerfd_settime(alarm_.descriptor, TFD_TIMER_ABSTIME, &at, nullptr);
#endif
}

void EngineObject::take_error(PyObject* callback) {
  if (!PyErr_ExceptionMatches(PyExc_Exception) && !raised_) {
    raised_.emplace();
  } else {
    PyErr_WriteUnraisable(callback);
  }
}

void bind_engine(nb::module_& m) {
  nb::class_<EngineObject>(m, "Engine", nb::type_slots(slots))
      .def(nb::init<std::string_view>(), nb::arg("event_loop") = "auto")
      .def("fileno", &EngineObject::fileno)
      .def("poll", &EngineObject::poll)
      .def("timeout", &EngineObject::timeout)
      .def("close", &EngineObject::close)
      .def("measure_lag", [](EngineObject& engine) { engine.loop().measure_lag(); })
      .def("flush", &EngineObject::flush)
      .def("let_host_flush", &EngineObject::let_host_flush)
      .def(
          "flush_by",
          [](nb::object self, nb::object call) {
            nb::cast<EngineObject&>(self).flush_by(std::move(call), self.attr("flush"));
          },
          nb::arg("call_soon"))
      .def_prop_ro("kind", [](const EngineObject& engine) {
        return to_string(const_cast<EngineObject&>(engine).loop().kind());
      });
}

}  // namespace katydid::python
