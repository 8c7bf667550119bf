#pragma once

#include "worker/metrics/book.hpp"
#include "worker/metrics/server.hpp"
#include "worker/statistics/statistics.hpp"

#include <asio/io_context.hpp>
#include <nanobind/nanobind.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>

namespace katydid::python {

/// `Metrics`: `--metrics-port` of a process whose users Locust runs. Python tells what was counted; Prometheus is
/// answered on a thread that needs no GIL.
class MetricsObject {
 public:
  /// Takes the first port that is free, of so many from `port` on. Throws std::runtime_error where there is none.
  MetricsObject(const std::string& host, std::uint16_t port, std::uint16_t ports);
  ~MetricsObject();
  MetricsObject(const MetricsObject&) = delete;
  MetricsObject& operator=(const MetricsObject&) = delete;

  const std::string& url() const { return server_->url(); }

  /// What a `Statistics` gives out, and with it all that the following three have told since.
  void add(const StatisticsDelta& delta);
  /// A request that no `Statistics` has counted.
  void record(const Sample& sample);
  /// One failure; the request itself is counted elsewhere.
  void failure(std::string_view method, std::string_view name, std::string_view error);
  /// For when there is nothing to add: what the two have told.
  void flush() { add({}); }

  void cut_off(std::uint64_t requests);
  void exception();
  void reported();
  void add_lag(const LoopLag& lag);
  void set_users(const std::map<std::string, std::int64_t>& users);
  void set_state(std::string_view state);

 private:
  StatisticsDelta take_failures();

  asio::io_context context_{1};
  std::optional<metrics::Server> server_;
  std::mutex mutex_;  // guards book_
  metrics::Book book_;
  Statistics beside_{{.rounding = Rounding::locust}};
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> failures_;
  std::thread thread_;
};

void bind_metrics(nanobind::module_& m);

}  // namespace katydid::python
