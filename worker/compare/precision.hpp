#pragma once

#include <vector>

namespace katydid::compare {

/// What an interval adds to a ratio: requests to seconds, failures to requests, milliseconds to requests.
struct Share {
  double amount = 0, base = 0;
};
using Shares = std::vector<Share>;

/// How well the ratio of the sums is known.
struct Precision {
  double error = 0;               ///< its standard error
  double freedom = 0;             ///< degrees of freedom of that error; below 1: nothing can be said
  double surprise = 0, runs = 0;  ///< by how much runs differ from each other: chi-squared, with runs - 1 degrees
};

/// Of runs whose intervals follow each other. Intervals that do resemble each other count as fewer: their variance is
/// multiplied by the autocorrelation time, for which the larger of two estimates is taken, from the first
/// autocorrelation and from the means of longer and longer batches.
Precision precision_of(const std::vector<Shares>& runs, double ratio);
/// Of runs of which only sums are known, one share each.
Precision precision_between(const Shares& runs, double ratio);

/// How many intervals in a row tell as much as one.
double autocorrelation_time(const std::vector<double>& values);

/// What Student's t exceeds, up or down, with that probability.
double student_limit(double probability, double freedom);
/// What chi-squared exceeds with a probability of 5 %.
double chi_squared_limit(double freedom);

}  // namespace katydid::compare
