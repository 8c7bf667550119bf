#include "worker/ramp_up.hpp"

namespace katydid {

UserCounts distribute_users(std::int64_t users, const std::vector<const UserClass*>& classes) {
  UserCounts counts;
  std::int64_t left = users;
  for (bool progress = true; progress && left > 0;) {
    progress = false;
    for (const UserClass* user_class : classes) {
      std::int64_t& count = counts[user_class->name];
      if (left == 0 || count >= user_class->fixed_count) continue;
      ++count;
      --left;
      progress = true;
    }
  }
  // Each further user goes to the class that is furthest behind its share.
  for (; left > 0; --left) {
    const UserClass* next = nullptr;
    double least = 0;
    for (const UserClass* user_class : classes) {
      if (user_class->fixed_count > 0 || user_class->weight == 0) continue;
      const double fill = static_cast<double>(counts[user_class->name] + 1) / user_class->weight;
      if (!next || fill < least) {
        next = user_class;
        least = fill;
      }
    }
    if (!next) break;  // only classes with a fixed count
    ++counts[next->name];
  }
  return counts;
}

}  // namespace katydid
