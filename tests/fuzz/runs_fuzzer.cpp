// Whatever `katydid compare` is given: a log or a JSON text is read or refused, what was read are times and counts, and
// a run compared with itself has not changed. The first byte says what the rest is: a log, JSON, or the bytes of a
// histogram, which are compressed for it.
#include "base/base64.hpp"
#include "tests/fuzz/expect.hpp"
#include "worker/compare/comparison.hpp"
#include "worker/compare/comparison_text.hpp"

#include <zlib.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace katydid::compare;

namespace {

using Read = Run (*)(std::string_view, std::chrono::duration<double>);

void check_times(const Times& times) {
  for (const auto& [time, count] : times)
    expect(std::isfinite(time) && time >= 0 && count > 0, "a time is finite, and occurred");
}

void check_series(const Series& series, std::size_t intervals) {
  expect(series.intervals.size() == intervals, "each name has the intervals of all requests");
  expect(!std::isnan(series.milliseconds) && series.milliseconds >= 0, "a sum of times is a number");
  for (const Interval& each : series.intervals) {
    expect(each.begin >= 0 && each.length > 0, "an interval has its place and its length");
    check_times(each.times);
  }
}

void check_comparison(const Run& run) {
  const Side side{run};
  const Comparison comparison = compare::compare(side, side);
  for (const Entry& entry : comparison.entries) {
    for (const Change& change : entry.changes) {
      expect(change.verdict == Verdict::same || change.verdict == Verdict::unknown, "a run is no other than itself");
      expect(change.verdict == Verdict::same || !change.why_unknown.empty(), "what is not known has a reason");
    }
  }
  expect(!comparison_text(comparison, side, side, Shown::all).empty(), "a comparison has a text");
}

void check_run(Read read, std::string_view text) {
  std::optional<Run> run;
  try {
    run = read(text, std::chrono::seconds(0));
  } catch (const std::runtime_error& error) {
    expect(*error.what() != '\0', "what is refused has a reason");
    return;
  }
  check_series(run->total, run->total.intervals.size());
  for (const auto& [name, series] : run->names) check_series(series, run->total.intervals.size());
  if (run->total.requests > 0) check_comparison(*run);
}

void check_histogram(std::string_view bytes) {
  std::string packed("\x1c\x84\x93\x14\0\0\0\0", 8);
  uLongf size = ::compressBound(bytes.size());
  packed.resize(8 + size);
  const int result = ::compress(reinterpret_cast<Bytef*>(packed.data() + 8), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  expect(result == Z_OK, "bytes can be compressed");
  packed.resize(8 + size);
  try {
    check_times(decoded_histogram(base64(packed), 0.001));
  } catch (const std::runtime_error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 3) {
    case 0:
      check_run(hdr_run, rest);
      break;
    case 1:
      check_run(json_run, rest);
      break;
    default:
      check_histogram(rest);
  }
  return 0;
}
