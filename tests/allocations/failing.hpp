#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace katydid::testing {

/// Of the allocations that this thread makes by `new` from now on, the n-th fails, once.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::uint64_t n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  /// Whether there were so many.
  bool failed() const;
};

constexpr std::string_view refused = "refused: ";

/// Runs what returns the text of its outcome, with each allocation failing in turn: it throws std::bad_alloc, or its
/// outcome is `refused`, or the same as ever. Whatever it was, the next run is as if nothing had happened.
template <class Scenario>
void fail_each_allocation(Scenario scenario) {
  constexpr std::uint64_t too_many = 20'000;
  (void)scenario();  // what is made once for a thread
  const std::string expected = scenario();
  CHECK_FALSE(expected.starts_with(refused));
  std::uint64_t thrown = 0, told = 0;
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < too_many);
    std::string outcome;
    bool failed = false, threw = false;
    {
      const FailingAllocation one(n);
      try {
        outcome = scenario();
      } catch (const std::bad_alloc&) {
        threw = true;
      } catch (const std::runtime_error& error) {
        outcome = refused;
        outcome += error.what();
      }
      failed = one.failed();
    }
    CAPTURE(n);
    if (!failed) {
      CHECK(outcome == expected);
      break;
    }
    thrown += threw ? 1 : 0;
    if (!threw && outcome != expected) {
      INFO(outcome);
      CHECK(outcome.starts_with(refused));
      ++told;
    }
    CHECK(scenario() == expected);
  }
  MESSAGE(thrown, " times thrown, ", told, " times told");
  CHECK(thrown + told > 0);
}

}  // namespace katydid::testing
