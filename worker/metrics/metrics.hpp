#pragma once

#include "worker/metrics/book.hpp"
#include "worker/metrics/server.hpp"

#include <asio/any_io_executor.hpp>

#include <optional>

namespace katydid {

using MetricsOptions = std::optional<metrics::ServerOptions>;  ///< none: no metrics

/// `--metrics-port`: what the process has counted, for Prometheus. Belongs to the control plane.
struct Metrics {
  Metrics(const asio::any_io_executor& executor, const metrics::ServerOptions& options)
      : server(executor, options, [this] { return book.text(); }) {}
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  metrics::Book book;
  metrics::Server server;
};

}  // namespace katydid
