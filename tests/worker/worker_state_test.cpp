#include "worker/worker_state.hpp"

#include "protocol/codec.hpp"
#include "tests/protocol/golden.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace katydid;
using namespace std::string_literals;
using namespace katydid::worker_state;
namespace from_master = katydid::protocol::from_master;
using katydid::protocol::EpochTime;
using katydid::protocol::Seconds;

namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;  // clang 16 can't do without

std::string name_of(const Action& action) {
  return std::visit(
      Overload{[](const action::Discard&) { return "discard"; }, [](const action::SendSpawning&) { return "spawning"; },
               [](const action::StartTest&) { return "start test"; },
               [](const action::SetTargets&) { return "set targets"; },
               [](const action::SendSpawningComplete&) { return "spawning_complete"; },
               [](const action::SpawningIsComplete&) { return "reset"; },
               [](const action::StopUsers& s) { return s.haste == Haste::master ? "stop hastily" : "stop"; },
               [](const action::EndTest&) { return "end test"; }, [](const action::Flush&) { return "flush"; },
               [](const action::SendClientStopped&) { return "client_stopped"; },
               [](const action::Rest&) { return "rest"; }, [](const action::Announce&) { return "announce"; },
               [](const action::SendQuit&) { return "quit"; }, [](const action::Exit&) { return "exit"; }},
      action);
}

struct Machine {
  worker_state::State state;
  std::vector<Action> last;

  std::string operator()(const Event& event) {
    last = transition(state, event);
    std::string names;
    for (const Action& action : last) names += (names.empty() ? "" : ", ") + name_of(action);
    return names;
  }
};

from_master::Spawn spawn(double at, std::int64_t users = 10) {
  return {.timestamp = EpochTime(Seconds(at)),
          .user_classes_count = {{"A", users}},
          .host = "http://h",
          .stop_timeout = Seconds(3)};
}

from_master::Spawn spawn_with_options(double at, std::initializer_list<const char*> options) {
  from_master::Spawn message = spawn(at);
  for (const char* option : options) message.parsed_options.set(option, nullptr);
  return message;
}

Machine running() {
  Machine machine;
  machine(event::Acked{});
  machine(spawn(1));
  machine(event::Targets{});
  return machine;
}

}  // namespace

TEST_CASE("a whole test: ramp up, stop, and the next one") {
  Machine machine;
  CHECK(machine(event::Acked{}) == "");
  CHECK(machine.state.phase == Phase::ready);
  CHECK(machine(spawn(1)) == "spawning, start test, set targets");
  CHECK(reported(machine.state.phase) == protocol::State::spawning);
  CHECK(machine(event::Targets{}) == "spawning_complete");
  CHECK(machine(spawn(2)) == "spawning, set targets");
  CHECK(machine(event::Targets{}) == "spawning_complete");
  CHECK(machine(from_master::SpawningComplete{10}) == "reset");
  CHECK(reported(machine.state.phase) == protocol::State::running);

  CHECK(machine(from_master::Stop{}) == "stop");
  CHECK(std::get<action::StopUsers>(machine.last[0]).stop_timeout == Seconds(3));
  CHECK(machine(event::UsersStopped{}) == "end test");
  CHECK(machine(event::TestEnded{}) == "flush");
  CHECK(machine(event::Flushed{}) == "client_stopped, rest");
  CHECK(machine(event::Rested{}) == "announce");
  CHECK(reported(machine.state.phase) == protocol::State::ready);
  CHECK(machine(event::Acked{}) == "");
  CHECK(machine(spawn(3)) == "spawning, start test, set targets");
}

TEST_CASE("under a master that does not tell when the ramp-up is over, each target reached is a reset") {
  Machine machine;
  machine(event::Acked{});
  machine(spawn_with_options(1, {"hatch_rate"}));
  CHECK(machine(event::Targets{}) == "reset, spawning_complete");
  machine(spawn_with_options(2, {"hatch_rate"}));
  CHECK(machine(event::Targets{}) == "reset, spawning_complete");

  SUBCASE("until it does tell: 2.29 and 2.30 have the options of older ones") {
    CHECK(machine(from_master::SpawningComplete{10}) == "reset");
    machine(spawn_with_options(3, {"hatch_rate"}));
    CHECK(machine(event::Targets{}) == "spawning_complete");
    CHECK(machine(from_master::SpawningComplete{10}) == "reset");
  }
  SUBCASE("and the master after it is another one") {
    machine(event::MasterLost{});
    machine(event::UsersStopped{});
    machine(event::TestEnded{});
    machine(event::Flushed{});
    machine(event::Acked{});
    machine(spawn_with_options(1, {"hatch_rate", "build_path"}));
    CHECK(machine(event::Targets{}) == "spawning_complete");
  }
}

TEST_CASE("which release's master tells is known from its first spawn message") {
  const auto frames = testing::golden_frames("from_master");
  std::set<std::string> telling;
  for (const auto& golden : frames) {
    if (golden.type == "spawning_complete") telling.insert(golden.version);
  }
  REQUIRE(!telling.empty());
  for (const auto& golden : frames) {
    if (golden.type != "spawn") continue;
    CAPTURE(golden.name);
    Machine machine;
    machine(event::Acked{});
    machine(std::get<from_master::Spawn>(std::get<protocol::FromMaster>(protocol::decode_from_master(golden.frame))));
    CHECK(machine(event::Targets{}) == (telling.contains(golden.version) ? "" : "reset, ") + "spawning_complete"s);
  }
}

TEST_CASE("a master that sends no options is taken for one that tells") {
  Machine machine = running();
  CHECK(machine(from_master::SpawningComplete{10}) == "reset");
  machine(spawn(2));
  CHECK(machine(event::Targets{}) == "spawning_complete");
}

TEST_CASE("a spawn message that is not newer is discarded") {
  Machine machine = running();
  CHECK(machine(spawn(1)) == "discard");
  CHECK(machine(spawn(0.5)) == "discard");
  CHECK(machine.state.phase == Phase::running);
}

TEST_CASE("spawning_complete tells the targets of the last spawn message") {
  Machine machine;
  machine(event::Acked{});
  machine(spawn(1, 10));
  machine(spawn(2, 4));
  machine(spawn(1.5, 20));  // discarded
  REQUIRE(machine(event::Targets{}) == "spawning_complete");
  CHECK(std::get<action::SendSpawningComplete>(machine.last[0]).targets == protocol::UserClassesCount{{"A", 4}});
}

TEST_CASE("quit ends with the statistics, whatever the phase") {
  SUBCASE("running") {
    Machine machine = running();
    CHECK(machine(from_master::Quit{}) == "stop hastily");
    CHECK(machine(event::UsersStopped{}) == "end test");
    CHECK(machine(event::TestEnded{}) == "flush");
    CHECK(machine(event::Flushed{}) == "quit, exit");
  }
  SUBCASE("ready: no test to end") {
    Machine machine;
    machine(event::Acked{});
    CHECK(machine(from_master::Quit{}) == "stop hastily");
    CHECK(machine(event::UsersStopped{}) == "flush");
    CHECK(machine(event::Flushed{}) == "quit, exit");
  }
  SUBCASE("while stopping") {
    Machine machine = running();
    machine(from_master::Stop{});
    CHECK(machine(from_master::Quit{}) == "stop hastily");
    CHECK(machine(event::UsersStopped{}) == "end test");
    CHECK(machine(event::TestEnded{}) == "flush");
    CHECK(machine(event::Flushed{}) == "quit, exit");
  }
  SUBCASE("while the test_stop hooks run") {
    Machine machine = running();
    machine(from_master::Stop{});
    machine(event::UsersStopped{});
    machine(from_master::Quit{});
    CHECK(machine(event::TestEnded{}) == "flush");
    CHECK(machine(event::UsersStopped{}) == "");
    CHECK(machine(event::Flushed{}) == "quit, exit");
  }
  SUBCASE("a second one changes nothing but the haste") {
    Machine machine = running();
    machine(event::Interrupted{});
    CHECK(machine(from_master::Quit{}) == "stop hastily");
    CHECK(machine(event::Interrupted{}) == "");
  }
}

TEST_CASE("a lost master: users stop, and the next master starts a new test") {
  Machine machine = running();
  CHECK(machine(event::MasterLost{}) == "stop");
  CHECK(machine(event::UsersStopped{}) == "end test");
  CHECK(machine(event::TestEnded{}) == "flush");
  CHECK(machine(event::Flushed{}) == "announce");
  CHECK(machine.state.phase == Phase::connecting);
  machine(event::Acked{});
  // Its clock may be behind the old one's.
  CHECK(machine(spawn(0.5)) == "spawning, start test, set targets");
}

TEST_CASE("a master that is lost while nothing runs is waited for at once") {
  Machine machine;
  machine(event::Acked{});
  CHECK(machine(event::MasterLost{}) == "announce");
  CHECK(machine(event::MasterSilent{}) == "stop");
}

TEST_CASE("a spawn message that comes while users stop is carried out when the master has taken the worker back") {
  Machine machine = running();
  machine(from_master::Stop{});
  CHECK(machine(spawn(5, 7)) == "");
  std::string then = "spawning, start test, set targets";
  SUBCASE("unless it says stop again") {
    CHECK(machine(from_master::Stop{}) == "");
    then = "";
  }
  SUBCASE("unless the connection breaks: another master may come") {
    CHECK(machine(event::Disconnected{}) == "");
    then = "";
  }
  SUBCASE("as long as nothing comes between") {}
  machine(event::UsersStopped{});
  machine(event::TestEnded{});
  machine(event::Flushed{});
  CHECK(machine(event::Rested{}) == "announce");
  CHECK(machine(event::Acked{}) == then);
  if (!then.empty()) CHECK(std::get<action::SetTargets>(machine.last.back()).targets.at("A") == 7);
}

TEST_CASE("users that a master sends before its ack wait for it") {
  Machine machine;
  CHECK(machine(spawn(1)) == "");
  CHECK(machine(event::Acked{}) == "spawning, start test, set targets");
}

TEST_CASE("what a lost master wanted is not carried out for the next one") {
  Machine machine = running();
  machine(event::MasterLost{});
  CHECK(machine(spawn(5, 7)) == "");
  machine(event::UsersStopped{});
  machine(event::TestEnded{});
  machine(event::Flushed{});
  CHECK(machine(event::Acked{}) == "");
}

TEST_CASE("stop without users still answers, as the master waits for it") {
  Machine machine;
  machine(event::Acked{});
  CHECK(machine(from_master::Stop{}) == "stop");
  CHECK(machine(event::UsersStopped{}) == "flush");
  CHECK(machine(event::Flushed{}) == "client_stopped, rest");
}

TEST_CASE("events out of place change nothing") {
  Machine machine;
  CHECK(machine(event::Targets{}) == "");
  CHECK(machine(event::UsersStopped{}) == "");
  CHECK(machine(event::Flushed{}) == "");
  CHECK(machine(event::Rested{}) == "");
  CHECK(machine(event::TestEnded{}) == "");
  CHECK(machine(from_master::SpawningComplete{3}) == "");
  CHECK(machine(from_master::Stop{}) == "");
  CHECK(machine.state.phase == Phase::connecting);
}
