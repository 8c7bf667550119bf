#pragma once

#include "worker/user/arrival_rate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// "200", "200/s", "600/m", "7200/h"; stages are "200@30s,200@5m", each with the rate that there is at its end;
/// "poisson:" may stand before all of it. Throws BadValue.
ArrivalRate parse_arrival_rate(std::string_view text);

/// Throws BadValue unless it is "CLASS=RATE".
void check_arrival_option(const std::string& text);

/// Gives registered user classes what `--arrival-rate CLASS=RATE` says. Throws std::runtime_error for a class that
/// there is not.
void apply_arrival_rates(const std::vector<std::string>& texts);

/// What they say of that class; the last word counts.
std::optional<ArrivalRate> arrival_rate_of(std::string_view user_class, const std::vector<std::string>& texts);

}  // namespace katydid
