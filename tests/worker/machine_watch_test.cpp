#include "worker/machine_watch.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace katydid {
namespace {

using namespace std::chrono_literals;

constexpr MachineFigures well{.processor_time = 10'000,
                              .stolen_time = 100,
                              .segments_sent = 1'000'000,
                              .segments_sent_again = 500,
                              .descriptors = 100,
                              .descriptor_limit = 1024,
                              .sockets = 100,
                              .ports = 28'232,
                              .clock_resolution = 1ns,
                              .clock_cost = 30ns};

struct Watched {
  MachineWatch watch;
  MachineWatch::clock::time_point now{1h};

  /// What is said a second later.
  std::vector<std::string> then(const MachineFigures& figures, std::chrono::seconds later = 1s) {
    return watch.look(figures, now += later);
  }
  bool says(const MachineFigures& figures, std::string_view text) {
    const auto said = then(figures);
    CHECK(said.size() <= 1);
    return said.size() == 1 && said.front().find(text) != std::string::npos;
  }
};

TEST_CASE("a machine that is well is not spoken of") {
  Watched watched;
  CHECK(watched.then(well).empty());
  MachineFigures later = well;
  later.processor_time += 200;
  later.stolen_time += 5;
  later.segments_sent += 100'000;
  later.segments_sent_again += 9;
  CHECK(watched.then(later).empty());
}

TEST_CASE("what was before the first look is not the test's") {
  MachineFigures before = well;
  before.stolen_time = 5'000;
  before.segments_sent_again = 300'000;
  CHECK(Watched().then(before).empty());
}

TEST_CASE("a processor that others have") {
  Watched watched;
  watched.then(well);
  MachineFigures later = well;
  later.processor_time += 200;
  later.stolen_time += 24;
  CHECK(watched.says(later, "for 12 % of the time (steal)"));
}

TEST_CASE("segments that are sent again") {
  Watched watched;
  watched.then(well);
  MachineFigures later = well;
  later.segments_sent += 9'850;
  later.segments_sent_again += 150;
  CHECK(watched.says(later, "had to send 1.50 % of its TCP segments again"));
}

TEST_CASE("what could not be read is not compared, before or after") {
  Watched watched;
  watched.then(well);
  const MachineFigures unread{.clock_resolution = 1ns, .clock_cost = 30ns};
  CHECK(watched.then(unread).empty());
  MachineFigures before_us = well;
  before_us.stolen_time = 5'000;
  before_us.segments_sent_again = 300'000;
  CHECK(watched.then(before_us).empty());
}

TEST_CASE("descriptors and ports that run out") {
  MachineFigures full = well;
  full.descriptors = 1'000;
  CHECK(Watched().says(full, "has 1000 of 1024 file descriptors in use"));
  MachineFigures unlimited = full;
  unlimited.descriptor_limit = 0;
  CHECK(Watched().then(unlimited).empty());
  MachineFigures connected = well;
  connected.sockets = 27'000;
  CHECK(Watched().says(connected, "has 27000 TCP sockets"));
}

TEST_CASE("a coarse or a dear clock is said once") {
  MachineFigures coarse = well;
  coarse.clock_resolution = 4ms;
  Watched watched;
  CHECK(watched.says(coarse, "steps of 4000000 ns"));
  CHECK(watched.then(coarse, 3600s).empty());
  MachineFigures dear = well;
  dear.clock_cost = 2us;
  CHECK(Watched().says(dear, "reading it takes 2000 ns"));
}

TEST_CASE("a warning comes again after half a minute") {
  MachineFigures full = well;
  full.descriptors = 1'000;
  Watched watched;
  CHECK(watched.then(full).size() == 1);
  CHECK(watched.then(full, 29s).empty());
  CHECK(watched.then(full, 1s).size() == 1);
}

TEST_CASE("without users nothing is read, and with them once a second") {
  MachineWatch watch;
  const auto now = MachineWatch::clock::now();
  CHECK(watch.look(false, now).empty());
  watch.look(true, now);
  watch.look(true, now + 500ms);
}

#ifdef __linux__
TEST_CASE("the machine's own figures") {
  const auto figures = MachineFigures::now();
  CHECK(figures.processor_time > 0);
  CHECK(figures.stolen_time <= figures.processor_time);
  CHECK(figures.ports > 1'000);
  CHECK(figures.clock_resolution > 0ns);
  CHECK(figures.clock_cost < 1ms);
  std::vector<int> opened;
  for (int i = 0; i < 10; ++i) opened.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(MachineFigures::now().descriptors >= figures.descriptors + 10);
  for (const int each : opened) ::close(each);
}
#endif

}  // namespace
}  // namespace katydid
