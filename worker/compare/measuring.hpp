#pragma once

#include "worker/compare/comparison.hpp"

#include <vector>

namespace katydid::compare {

/// What the runs of a side have of one name.
using SeriesOfRuns = std::vector<const Series*>;

/// Whether and how far a measure of the two sides differs. `error_rate` is how often the interval may miss the truth.
Change change_of(Measure measure, const SeriesOfRuns& before, const SeriesOfRuns& after, bool times_by_interval,
                 double error_rate);

}  // namespace katydid::compare
