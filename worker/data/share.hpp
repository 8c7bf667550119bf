#pragma once

#include "base/value.hpp"

#include <cstdint>

namespace katydid {

/// Which test runs, and which of its workers this is: what data that is divided among workers goes by.
struct DataShare {
  std::uint64_t test = 0;  ///< another one for each test
  int worker = -1;         ///< Locust's worker_index; -1 without a master
  int workers = 1;         ///< as the master's --expect-workers says
};

/// A test begins: feeders start again.
void begin_data(int worker_index, int expected_workers);
/// The number of workers, out of the master's command line; 1 when it does not say.
int expected_workers(const Value& parsed_options);
/// Of the test that runs. From any thread.
DataShare data_share();

}  // namespace katydid
