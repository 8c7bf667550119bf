#pragma once

#include "worker/compare/run.hpp"

namespace katydid::compare {

/// Where in counted times a quantile lies: between two of them that follow each other. Times were rounded when they
/// were counted, so this is the quantile of the mid-distribution function (Ma, Genton and Parzen, 2011), which moves
/// smoothly where one that names a rounded time would jump.
struct Quantile {
  double value = 0;         ///< milliseconds
  double from = 0, to = 0;  ///< the two times
  double at = 0;            ///< how far between them: 0 to 1

  /// How many of these times are below, each at the two times in part.
  double below(const Times& times) const;
};

/// `fraction` is from 0 to 1; there has to be a time.
Quantile quantile_of(const Times& times, double fraction);

/// By how much a quantile, or a mean, may be off because one rounded time stands for most requests: in milliseconds, 0
/// where no time does. Times have two digits, and where all are whole milliseconds no more than those.
double rounding_of(const Times& times);

}  // namespace katydid::compare
