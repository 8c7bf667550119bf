#pragma once

#include "base/recorder.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace katydid::test {

/// One line of data/statistics_samples.tsv; tools/golden/locust_statistics.py made it and Locust's answers to it.
struct GoldenSample {
  std::chrono::nanoseconds at{};  // since the start
  std::string method, name;
  std::chrono::nanoseconds response_time{};
  std::uint64_t length = 0;
  std::string error;

  Sample sample() const {
    return {.method = method, .name = name, .response_time = response_time, .response_length = length, .error = error};
  }
};

inline constexpr std::chrono::sys_time<std::chrono::nanoseconds> golden_start{
    std::chrono::milliseconds(1'790'000'000'250)};
/// When the script printed the table of a running test.
inline constexpr std::chrono::seconds golden_middle{15};

inline std::string golden_text(const std::string& file_name) {
  std::ifstream file(KATYDID_TEST_DATA "/" + file_name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<GoldenSample> golden_samples() {
  std::ifstream file(KATYDID_TEST_DATA "/statistics_samples.tsv");
  std::vector<GoldenSample> samples;
  std::string at;
  while (std::getline(file, at, '\t')) {
    GoldenSample sample{.at = std::chrono::nanoseconds(std::stoll(at))};
    std::string time, length;
    std::getline(file, sample.method, '\t');
    std::getline(file, sample.name, '\t');
    std::getline(file, time, '\t');
    std::getline(file, length, '\t');
    std::getline(file, sample.error);
    sample.response_time = std::chrono::nanoseconds(time == "none" ? -1 : std::stoll(time));
    sample.length = std::stoull(length);
    samples.push_back(sample);
  }
  return samples;
}

}  // namespace katydid::test
