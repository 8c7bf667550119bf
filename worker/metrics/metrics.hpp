#pragma once

#include "worker/metrics/book.hpp"
#include "worker/metrics/export.hpp"
#include "worker/metrics/server.hpp"

#include <asio/any_io_executor.hpp>

#include <optional>

namespace katydid {

/// Who is shown what a process has counted.
struct MetricsOptions {
  std::optional<metrics::ServerOptions> server{};  ///< `--metrics-port`: Prometheus
  otel::Exporter* exporter = nullptr;              ///< `--otel`: a collector of OpenTelemetry

  bool wanted() const { return server || exporter; }
};

/// What the process has counted. Belongs to the control plane.
class Metrics {
 public:
  Metrics(const asio::any_io_executor& executor, const MetricsOptions& options) {
    if (options.server) server_.emplace(executor, *options.server, [this] { return book.text(); });
    if (options.exporter) export_.emplace(executor, book, *options.exporter);
  }
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// At the very end: what exports are left to do. Blocks.
  void finish() {
    if (export_) export_->finish();
  }

  metrics::Book book;

 private:
  std::optional<metrics::Server> server_;
  std::optional<metrics::Export> export_;
};

}  // namespace katydid
