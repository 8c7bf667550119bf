#include "python/src/engine/metrics.hpp"

#include "base/signals_blocked.hpp"
#include "python/src/engine/engine.hpp"
#include "python/src/engine/statistics.hpp"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace katydid::python {

MetricsObject::MetricsObject(const std::string& host, std::uint16_t port, std::uint16_t ports) {
  const auto page = [this] {
    const std::lock_guard lock(mutex_);
    return book_.text();
  };
  for (std::uint16_t tried = 0; !server_; ++tried) {
    const auto next = static_cast<std::uint16_t>(port == 0 ? 0 : port + tried);
    try {
      server_.emplace(context_.get_executor(), metrics::ServerOptions{.host = host, .port = next}, page);
    } catch (const std::runtime_error&) {
      if (tried + 1 >= ports || next == 65'535) throw;
    }
  }
  const SignalsBlocked blocked;  // they are for Python's thread
  thread_ = std::thread([this] { context_.run(); });
}

MetricsObject::~MetricsObject() {
  context_.stop();
  thread_.join();
}

void MetricsObject::add(const StatisticsDelta& delta) {
  const StatisticsDelta others = beside_.take(), failures = take_failures();
  const std::lock_guard lock(mutex_);
  book_.add(delta);
  book_.add(others);
  book_.add(failures);
}

void MetricsObject::record(const Sample& sample) { beside_.record(sample); }

void MetricsObject::failure(std::string_view method, std::string_view name, std::string_view error) {
  ++failures_[{std::string(method), std::string(name), std::string(error)}];
}

StatisticsDelta MetricsObject::take_failures() {
  StatisticsDelta delta;
  for (const auto& [what, count] : std::exchange(failures_, {})) {
    const auto& [method, name, error] = what;
    const auto key = std::make_shared<const RequestKey>(RequestKey{method, name});
    StatisticsDelta::Entry& entry = delta.entries.emplace_back();
    entry.key = key;
    entry.counts.num_failures = count;
    StatisticsDelta::Error& counted = delta.errors.emplace_back();
    counted.key = std::make_shared<const ErrorKey>(ErrorKey{key, error});
    counted.counts.occurrences = count;
  }
  return delta;
}

void MetricsObject::cut_off(std::uint64_t requests) {
  StatisticsDelta delta;
  delta.cut_off.push_back({std::make_shared<const RequestKey>(), requests});
  const std::lock_guard lock(mutex_);
  book_.add(delta);
}

void MetricsObject::exception() {
  const std::lock_guard lock(mutex_);
  book_.add_exceptions(1);
}

void MetricsObject::reported() {
  const std::lock_guard lock(mutex_);
  book_.report(true);
}

void MetricsObject::add_lag(const LoopLag& lag) {
  const std::lock_guard lock(mutex_);
  book_.add(lag);
}

void MetricsObject::set_users(const std::map<std::string, std::int64_t>& users) {
  const std::lock_guard lock(mutex_);
  book_.set_users(users);
}

void MetricsObject::set_state(std::string_view state) {
  const std::lock_guard lock(mutex_);
  book_.set_state(state);
}

void bind_metrics(nb::module_& m) {
  nb::class_<MetricsObject>(m, "Metrics")
      .def(nb::init<const std::string&, std::uint16_t, std::uint16_t>(), nb::arg("host"), nb::arg("port"),
           nb::arg("ports") = 1)
      .def_prop_ro("url", &MetricsObject::url)
      .def(
          "record",
          [](MetricsObject& self, std::string_view method, std::string_view name, std::optional<double> response_time,
             std::uint64_t response_length) {
            self.record(sample_of(method, name, response_time, response_length, {}));
          },
          nb::arg("method"), nb::arg("name"), nb::arg("response_time").none(), nb::arg("response_length"))
      .def("failure", &MetricsObject::failure, nb::arg("method"), nb::arg("name"), nb::arg("error"))
      .def("flush", &MetricsObject::flush)
      .def("cut_off", &MetricsObject::cut_off, nb::arg("requests"))
      .def("exception", &MetricsObject::exception)
      .def("reported", &MetricsObject::reported)
      .def(
          "add_lag", [](MetricsObject& self, EngineObject& engine) { self.add_lag(engine.loop().take_lag()); },
          nb::arg("engine"))
      .def("set_users", &MetricsObject::set_users, nb::arg("users"))
      .def("set_state", &MetricsObject::set_state, nb::arg("state"));
}

}  // namespace katydid::python
