#pragma once

#include <string>
#include <vector>

namespace katydid {

/// Changes registered user classes as --config-users says: each text is JSON, or the name of a .json file with it; an
/// object, or an array of them, with `user_class_name` and any of host, weight, fixed_count and tasks. Throws
/// std::runtime_error that says what is wrong. Of `tasks`, the last word counts.
void apply_user_config(const std::vector<std::string>& texts);

/// The same without a locustfile: throws BadValue where a text is none of this.
void check_user_config(const std::vector<std::string>& texts);

/// Locust's --equal-weights: every class and every task counts once.
void equal_weights();

}  // namespace katydid
