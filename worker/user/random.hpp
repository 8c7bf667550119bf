#pragma once

#include <random>

namespace katydid {

/// The calling thread's random numbers, seeded once: which task comes next, how long a wait is.
std::minstd_rand& random_source();

}  // namespace katydid
