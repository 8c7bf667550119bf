#include "worker/fleet_share.hpp"

#include "worker/ramp_up.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace katydid {

void FleetShare::set_targets(const UserCounts& here, std::optional<std::int64_t> all,
                             const Distribution& distribution) {
  here_ = here;
  if (all && (!completed_ || all == all_)) {
    divide(*all, distribution);
    return;
  }
  // A class that has lost its last user here does nothing, whatever is being edited.
  for (auto& [name, part] : parts_) {
    const auto found = here.find(name);
    if (found == here.end() || found->second == 0) part = 0;
  }
}

void FleetShare::complete(std::int64_t all, const Distribution& distribution) {
  completed_ = true;
  divide(all, distribution);
}

void FleetShare::divide(std::int64_t all, const Distribution& distribution) {
  all_ = all;
  users_ = distribution(all);
  parts_.clear();
  for (const auto& [name, count] : here_) {
    // The master's own division may differ by a user.
    std::int64_t& total = users_[name];
    total = std::max(total, count);
    parts_[name] = count == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
  }
}

bool FleetShare::scale(double factor) {
  if (!std::isfinite(factor) || factor < 0) return false;
  factor_ = factor;
  return true;
}

bool FleetShare::scale(const Value& data) {
  const Value* const factor = data.find("factor");
  return factor && factor->is_number() && scale(factor->as_double());
}

FleetShare::Parts FleetShare::parts() const {
  Parts scaled = parts_;
  for (auto& [name, part] : scaled) part *= factor_;
  return scaled;
}

FleetShare::Distribution distribution_of(const std::vector<const UserClass*>& classes, const UserCounts& names,
                                         const std::map<std::string, ClassEdit>& edits) {
  std::vector<UserClass> weighted;
  for (const UserClass* each : classes) {
    if (!names.contains(each->name)) continue;
    UserClass& added = weighted.emplace_back();
    added.name = each->name;
    added.weight = each->weight;
    added.fixed_count = each->fixed_count;
    if (const auto edit = edits.find(each->name); edit != edits.end()) {
      added.weight = edit->second.weight.value_or(added.weight);
      added.fixed_count = edit->second.fixed_count.value_or(added.fixed_count);
    }
  }
  return [weighted = std::move(weighted)](std::int64_t users) {
    std::vector<const UserClass*> pointers;
    for (const UserClass& each : weighted) pointers.push_back(&each);
    return distribute_users(users, pointers);
  };
}

std::optional<std::int64_t> users_of_fleet(const Value& parsed_options, std::int64_t here) {
  const Value* given = parsed_options.find("num_users");
  if (!given || !given->is_int() || given->is_uint64() || given->as_int() < std::max<std::int64_t>(here, 1)) {
    return std::nullopt;
  }
  return given->as_int();
}

}  // namespace katydid
