#pragma once

#include "tests/worker/statistics/support.hpp"
#include "worker/metrics/book.hpp"

#include <cstddef>

namespace katydid::test {

/// A book of what is recorded in it.
struct Counted {
  explicit Counted(std::size_t max_names = StatisticsOptions{}.max_names)
      : statistics([&] {
          StatisticsOptions options = time.options();
          options.max_names = max_names;
          return options;
        }()) {}

  void record(const Sample& sample) {
    statistics.record(sample);
    book.add(statistics.take());
  }

  ManualTime time;
  Statistics statistics;
  metrics::Book book;
};

}  // namespace katydid::test
