#include "tests/simulated/judge.hpp"
#include "tests/simulated/script.hpp"
#include "tests/simulated/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

using namespace katydid::simulated;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

/// For whoever has to understand what went wrong: the shortest script, and all that happens in it.
std::string story_of(const Script& script) {
  const Script shortest = shrink(script);
  std::string story;
  const Outcome outcome = run_world(shortest, [&](const std::string& line) { story += line + "\n"; });
  return "\n" + to_text(shortest) + outcome.wrong.value_or("(nothing is wrong any more)") + "\n" + story;
}

/// The worlds of so many seeds.
double hours_of(std::uint64_t first, std::uint64_t count) {
  double seconds = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Script script = random_script(seed);
    const Outcome outcome = run_world(script);
    seconds += outcome.seconds;
    if (outcome.wrong) FAIL("seed " << seed << ", " << *outcome.wrong << story_of(script));
  }
  return seconds / 3600;
}

}  // namespace

TEST_CASE("a script reads as it was written, and nothing else is one") {
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    const Script script = random_script(seed);
    CHECK(script_from(to_text(script)) == script);
    CHECK(random_script(seed) == script);
  }
  for (const char* wrong : {"1.000 dance", "1.000 swarm users=3", "1.000 swarm rate=1 users=3 more=1", "1 stop",
                            "1.000 swarm rate=1 users=-1", "1.000 swarm rate=x users=1", "2.000 stop\n1.000 stop"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(script_from(wrong), std::invalid_argument);
  }
}

TEST_CASE("the judge sees samples that are lost and samples that are counted twice") {
  VirtualTime time;
  Judge twice(time, std::chrono::seconds(1));
  twice.made("1/1");
  twice.received({{"1/1", 1}});
  CHECK_FALSE(twice.verdict());
  twice.received({{"1/1", 1}});
  CHECK(twice.verdict());

  Judge lost(time, std::chrono::seconds(1));
  lost.made("1/1");
  lost.end({.phase = katydid::worker_state::Phase::gone});
  CHECK(lost.verdict());
}

TEST_CASE("worlds in which something was wrong once") {
  int scripts = 0;
  for (const auto& file : std::filesystem::directory_iterator(KATYDID_SCRIPTS)) {
    const Script script = script_from(text_of(file.path()));
    ++scripts;
    CAPTURE(file.path().filename().string());
    const Outcome outcome = run_world(script);
    if (outcome.wrong) FAIL_CHECK(*outcome.wrong << story_of(script));
  }
  CHECK(scripts > 0);
}

TEST_CASE("worlds at random") {
  if (const auto file = variable("KATYDID_SIMULATED_SCRIPT")) {
    const Script script = script_from(text_of(*file));
    const Outcome outcome = run_world(script, [](const std::string& line) { std::puts(line.c_str()); });
    if (outcome.wrong) FAIL(*outcome.wrong);
    return;
  }
  const auto seconds = variable("KATYDID_SIMULATED_SECONDS");
  if (!seconds) {
    hours_of(1, 100);
    return;
  }
  const auto chosen = variable("KATYDID_SIMULATED_SEED");
  std::uint64_t seed = chosen && *chosen != "0"
                           ? std::stoull(*chosen)
                           : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoll(*seconds));
  std::printf("worlds from seed %llu on\n", static_cast<unsigned long long>(seed));
  std::uint64_t worlds = 0;
  double hours = 0;
  for (; std::chrono::steady_clock::now() < end; worlds += 10, seed += 10) hours += hours_of(seed, 10);
  std::printf("%llu worlds, %.0f hours in them, and nothing is wrong\n", static_cast<unsigned long long>(worlds),
              hours);
}
