#pragma once

#include "base/value.hpp"
#include "worker/user/user_class.hpp"

#include <optional>
#include <string>
#include <vector>

namespace katydid {

/// What --show-task-ratio prints, as Locust's: how users divide among the classes, and their choices among the tasks.
/// `users`: nothing was asked for.
std::string task_ratio_text(const std::vector<const UserClass*>& classes, std::optional<int> users);

/// The same for --show-task-ratio-json: {"per_class": …, "total": …}, ratios from 0 to 1.
Value task_ratio_json(const std::vector<const UserClass*>& classes, std::optional<int> users);

}  // namespace katydid
