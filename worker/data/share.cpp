#include "worker/data/share.hpp"

#include <algorithm>
#include <mutex>

namespace katydid {
namespace {

std::mutex mutex;
DataShare current;

}  // namespace

void begin_data(int worker_index, int expected_workers) {
  std::lock_guard lock(mutex);
  current = {current.test + 1, worker_index, std::max(1, expected_workers)};
}

int expected_workers(const Value& parsed_options) {
  const Value* given = parsed_options.find("expect_workers");
  if (!given || !given->is_int() || given->is_uint64()) return 1;
  return static_cast<int>(std::clamp<std::int64_t>(given->as_int(), 1, 1'000'000));
}

DataShare data_share() {
  std::lock_guard lock(mutex);
  return current;
}

}  // namespace katydid
