#include "worker/statistics/rounding.hpp"

namespace katydid {

std::chrono::microseconds slot_key(std::size_t slot) {
  std::int64_t unit = 1;
  std::size_t offset = 0;
  while (offset < 540 && slot >= offset + 100) {
    offset += 90;
    unit *= 10;
  }
  return std::chrono::microseconds(static_cast<std::int64_t>(slot - offset) * unit);
}

}  // namespace katydid
