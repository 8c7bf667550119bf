#include "python/src/client/arrivals.hpp"

#include "base/bad_value.hpp"
#include "python/src/client/user_recorder.hpp"
#include "worker/command/arrival_options.hpp"
#include "worker/fleet_share.hpp"
#include "worker/ramp_up.hpp"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

namespace katydid::python {
namespace {

/// Name, weight and fixed_count of a class.
using Weight = std::tuple<std::string, int, int>;

FleetShare::Distribution distribution(const std::vector<Weight>& weights) {
  std::vector<UserClass> classes;
  for (const auto& [name, weight, fixed_count] : weights) {
    UserClass& added = classes.emplace_back();
    added.name = name;
    added.weight = weight;
    added.fixed_count = fixed_count;
  }
  return [classes = std::move(classes)](std::int64_t users) {
    std::vector<const UserClass*> pointers;
    for (const UserClass& each : classes) pointers.push_back(&each);
    return distribute_users(users, pointers);
  };
}

/// A ValueError for what is no `CLASS=RATE`.
template <class Call>
auto checked_rate(Call call) {
  try {
    return call();
  } catch (const BadValue& error) {
    throw nb::value_error(error.what());
  }
}

ArrivalRate stages(const std::vector<std::pair<double, double>>& given, double start) {
  std::vector<ArrivalRate::Stage> stages;
  for (const auto& [seconds, rate] : given) {
    if (!(seconds < 1e9)) throw nb::value_error("a stage of an arrival rate lasts for a number of seconds");
    stages.push_back({std::chrono::duration_cast<ArrivalRate::Duration>(std::chrono::duration<double>(seconds)), rate});
  }
  return ArrivalRate::stages(stages, start);
}

}  // namespace

void PoolUserObject::wait(nb::object callback) {
  if (waits) throw std::logic_error("this user waits already");
  callback_ = std::move(callback);
  arrivals_.arrivals().wait(*this);
}

void PoolUserObject::stop_waiting() {
  arrivals_.arrivals().leave(*this);
  callback_.reset();
}

void PoolUserObject::arrive(Idle& idle, Loop::clock::time_point due) {
  auto& user = static_cast<PoolUserObject&>(idle);
  user.due_ = due;
  const nb::object callback = std::move(user.callback_);
  if (!nb::steal(PyObject_CallNoArgs(callback.ptr())).is_valid()) user.arrivals_.engine().take_error(callback.ptr());
}

std::chrono::nanoseconds PoolUserObject::take_late(nb::handle user) {
  static PyObject* const attribute = PyUnicode_InternFromString("_katydid_pool_user");
  if (!any_ || !user.is_valid() || user.is_none()) return {};
  const nb::object pool_user = nb::steal(PyObject_GetAttr(user.ptr(), attribute));
  if (!pool_user.is_valid()) PyErr_Clear();
  return nb::isinstance<PoolUserObject>(pool_user) ? nb::cast<PoolUserObject&>(pool_user).intended_start_.take_late()
                                                   : std::chrono::nanoseconds();
}

void bind_arrivals(nb::module_& m) {
  nb::class_<ArrivalRate>(m, "ArrivalRate")
      .def(nb::init<double>(), nb::arg("per_second"))
      .def_static("per_minute", &ArrivalRate::per_minute, nb::arg("rate"))
      .def_static("stages", &stages, nb::arg("stages"), nb::arg("start") = 0.0)
      .def_static(
          "parse", [](std::string_view text) { return checked_rate([&] { return parse_arrival_rate(text); }); },
          nb::arg("text"))
      .def("poisson", &ArrivalRate::poisson)
      .def("at", &ArrivalRate::at, nb::arg("seconds"));
  m.def(
      "check_arrival_option", [](const std::string& text) { checked_rate([&] { return check_arrival_option(text); }); },
      nb::arg("text"));
  m.def("arrival_rate_of", &arrival_rate_of, nb::arg("user_class"), nb::arg("options"));
  nb::class_<FleetShare>(m, "FleetShare")
      .def(nb::init<>())
      .def("begin_test", &FleetShare::begin_test)
      .def(
          "set_targets",
          [](FleetShare& self, const UserCounts& here, std::optional<std::int64_t> all,
             const std::vector<Weight>& weights) { self.set_targets(here, all, distribution(weights)); },
          nb::arg("here"), nb::arg("all").none(), nb::arg("weights"))
      .def(
          "complete",
          [](FleetShare& self, std::int64_t all, const std::vector<Weight>& weights) {
            self.complete(all, distribution(weights));
          },
          nb::arg("all"), nb::arg("weights"))
      .def(
          "scale", [](FleetShare& self, double factor) { return self.scale(factor); }, nb::arg("factor"))
      .def_ro_static("factor_message", &FleetShare::factor_message)
      .def_prop_ro("parts", &FleetShare::parts);
  m.def(
      "distribute_users",
      [](std::int64_t users, const std::vector<Weight>& weights) { return distribution(weights)(users); },
      nb::arg("users"), nb::arg("weights"));
  nb::class_<ArrivalsObject>(m, "Arrivals")
      .def(nb::init<nb::object, nb::object, std::string, const ArrivalRate&, std::uint64_t>(), nb::arg("engine"),
           nb::arg("statistics"), nb::arg("user_class"), nb::arg("rate"), nb::arg("seed"))
      .def(
          "begin_test",
          [](ArrivalsObject& self, std::optional<std::uint64_t> seed) { self.arrivals().begin_test(seed); },
          nb::arg("seed") = nb::none())
      .def(
          "set_part",
          [](ArrivalsObject& self, double part, std::int64_t users) {
            self.arrivals().set_part(part, users);
            self.engine().went_on();
          },
          nb::arg("part"), nb::arg("users"));
  auto pool_user = nb::class_<PoolUserObject>(m, "PoolUser");
  pool_user.def(nb::init<nb::object, bool>(), nb::arg("arrivals"), nb::arg("report_service_time"))
      .def("is_ready", &PoolUserObject::is_ready)
      .def("wait", &PoolUserObject::wait, nb::arg("callback"))
      .def("stop_waiting", &PoolUserObject::stop_waiting)
      .def("task_begins", &PoolUserObject::task_begins)
      .def_static(
          "take_late",
          [](nb::handle user) { return std::chrono::duration<double>(PoolUserObject::take_late(user)).count(); },
          nb::arg("user").none());
  bind_recorder(pool_user);
}

}  // namespace katydid::python
