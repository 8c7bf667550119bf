#pragma once

#include "worker/metrics/book.hpp"
#include "worker/otel/exporter.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>

namespace katydid::metrics {

/// Hands a book to an exporter again and again, on the executor of whoever keeps the book. Of deltas, what could not be
/// sent is part of the next one.
class Export {
 public:
  Export(const asio::any_io_executor& executor, const Book& book, otel::Exporter& exporter);

  /// Sends the last state and all spans that wait. Blocks, as long as the endpoint's timeout at the most.
  void finish();

 private:
  using time_point = std::chrono::system_clock::time_point;

  void send_later();
  void send();
  /// What became of the last export; false: nothing is known yet.
  bool settle();

  const Book& book_;
  otel::Exporter& exporter_;
  asio::steady_timer timer_;
  otel::Exporter::Receipt receipt_;
  Book sent_, under_way_;  // only of deltas
  time_point from_ = std::chrono::system_clock::now(), under_way_at_{};
};

}  // namespace katydid::metrics
