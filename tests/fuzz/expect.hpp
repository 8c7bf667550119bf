#pragma once
#include <cstdio>
#include <cstdlib>

/// Ends the fuzzer with a finding.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}
