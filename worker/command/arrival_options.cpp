#include "worker/command/arrival_options.hpp"

#include "worker/command/option_values.hpp"
#include "worker/user/user_class.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

using Units = std::pair<std::string_view, double>;

/// A number that is not negative, times the unit behind it.
double quantity(std::string_view text, std::string_view what, const auto& units) {
  const std::string_view whole = text;
  double factor = 1;
  for (const auto& [unit, times] : units) {
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    factor = times;
    break;
  }
  try {
    if (const double value = parse_number(text) * factor; value >= 0 && value < 1e9) return value;
  } catch (const BadValue&) {
  }
  throw BadValue("'" + std::string(whole) + "' is no " + std::string(what));
}

double rate_from(std::string_view text) {
  constexpr std::array<Units, 3> units{{{"/s", 1}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}}};
  return quantity(text, "rate, such as 200 or 600/m", units);
}

ArrivalRate::Stage stage_from(std::string_view text) {
  constexpr std::array<Units, 4> units{{{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    throw BadValue("'" + std::string(text) +
                   "' is no stage, such as 200@30s, a rate and how long it takes to get there");
  }
  const double seconds = quantity(text.substr(at + 1), "duration, such as 90s or 5m", units);
  return {std::chrono::duration_cast<ArrivalRate::Duration>(std::chrono::duration<double>(seconds)),
          rate_from(text.substr(0, at))};
}

std::pair<std::string_view, std::string_view> class_and_rate(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    throw BadValue("expected the name of a user class and its rate, such as Buyer=200");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

ArrivalRate parse_arrival_rate(std::string_view text) {
  constexpr std::string_view by_chance = "poisson:";
  const bool poisson = text.starts_with(by_chance);
  if (poisson) text.remove_prefix(by_chance.size());
  if (text.find('@') == std::string_view::npos) {
    const ArrivalRate constant = rate_from(text);
    return poisson ? constant.poisson() : constant;
  }
  std::vector<ArrivalRate::Stage> stages;
  for (std::size_t comma = 0; comma != std::string_view::npos; text.remove_prefix(comma + 1)) {
    comma = text.find(',');
    stages.push_back(stage_from(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
  }
  const auto made = ArrivalRate::stages(stages);
  return poisson ? made.poisson() : made;
}

void check_arrival_option(const std::string& text) { parse_arrival_rate(class_and_rate(text).second); }

void apply_arrival_rates(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const auto [name, rate] = class_and_rate(text);
    UserClass* const found = UserClass::find_registered(name);
    if (!found) {
      throw std::runtime_error("--arrival-rate " + text + ": there is no user class " + std::string(name) +
                               "; the locustfile has these: " + UserClass::registered_names());
    }
    found->arrival_rate = parse_arrival_rate(rate);
  }
}

std::optional<ArrivalRate> arrival_rate_of(std::string_view user_class, const std::vector<std::string>& texts) {
  std::optional<ArrivalRate> found;
  for (const std::string& text : texts) {
    if (const auto [name, rate] = class_and_rate(text); name == user_class) found = parse_arrival_rate(rate);
  }
  return found;
}

}  // namespace katydid
