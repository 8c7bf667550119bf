#pragma once

#include "base/value.hpp"
#include "worker/compare/comparison.hpp"

#include <string>

namespace katydid::compare {

enum class Shown { changed, all };  ///< which names have a table: those that differ, or all

/// For people: tables, and a line with the verdict at the end.
std::string comparison_text(const Comparison& comparison, const Side& before, const Side& after, Shown names);
/// For programs. Times are milliseconds, changes are shares: 0.05 is 5 % more.
Value comparison_json(const Comparison& comparison, const Side& before, const Side& after);

}  // namespace katydid::compare
