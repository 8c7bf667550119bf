#include "worker/worker_state.hpp"

#include "worker/fleet_share.hpp"

#include <utility>

namespace katydid::worker_state {
namespace {

using namespace protocol;
using Actions = std::vector<Action>;

/// Phases in which users may run and a spawn message is carried out at once.
bool takes_users(Phase phase) { return phase == Phase::ready || phase == Phase::spawning || phase == Phase::running; }

/// A master sends the values of all its options, and no version. --build-path came with 2.31, --hatch-rate went with
/// 2.32.6: the second is asked for because masters in programs of their own may send no options at all.
bool is_before_2_31(const Value& options) { return options.contains("hatch_rate") && !options.contains("build_path"); }

struct Transition {
  State& state;

  Actions operator()(const from_master::Spawn& spawn) {
    if (spawn.timestamp <= state.last_spawn) return {action::Discard{}};
    // Before its ack, a master may send users to the worker that this one was until it stopped, and forget that one
    // with the next message that it reads.
    if (state.phase == Phase::stopping || state.phase == Phase::resting || state.phase == Phase::connecting) {
      state.postponed = spawn;
      return {};
    }
    if (!takes_users(state.phase)) return {};
    state.last_spawn = spawn.timestamp;
    state.stop_timeout = spawn.stop_timeout;
    state.targets = spawn.user_classes_count;
    state.phase = Phase::spawning;
    // 2.29 and 2.30 tell nevertheless, which shows when they do so for the first time.
    if (!state.tells_completion) state.tells_completion = !is_before_2_31(spawn.parsed_options);
    Actions actions{action::SendSpawning{}};
    if (!std::exchange(state.test_under_way, true)) {
      actions.push_back(action::StartTest{spawn, std::exchange(state.test_was_lost, false)});
    }
    std::int64_t here = 0;
    for (const auto& [name, count] : spawn.user_classes_count) here += count;
    actions.push_back(
        action::SetTargets{spawn.user_classes_count, spawn.stop_timeout, users_of_fleet(spawn.parsed_options, here)});
    return actions;
  }

  Actions operator()(const from_master::SpawningComplete& complete) {
    state.tells_completion = true;
    if (state.phase != Phase::running && state.phase != Phase::spawning) return {};
    return {action::SpawningIsComplete{complete.user_count}};
  }

  Actions operator()(const from_master::Stop&) {
    state.postponed.reset();
    if (!takes_users(state.phase)) return {};
    state.phase = Phase::stopping;
    return {action::StopUsers{state.stop_timeout, Haste::none}};
  }

  Actions operator()(const from_master::Quit&) {
    state.own_wish = false;
    return leave(Haste::master);
  }

  Actions operator()(const event::Interrupted&) {
    state.own_wish = true;
    return leave(Haste::none);
  }

  Actions operator()(const event::MasterSilent&) {
    state.own_wish = true;
    return leave(Haste::none);
  }

  Actions operator()(const event::Acked&) {
    if (state.phase != Phase::connecting) return {};
    state.phase = Phase::ready;
    if (const auto spawn = std::exchange(state.postponed, std::nullopt)) return (*this)(*spawn);
    return {};
  }

  Actions operator()(const event::Targets&) {
    if (state.phase != Phase::spawning) return {};
    state.phase = Phase::running;
    // In this order, as the master may reset its own numbers as soon as it has heard.
    if (!state.tells_completion.value_or(true)) {
      std::int64_t sum = 0;
      for (const auto& [name, count] : state.targets) sum += count;
      return {action::SpawningIsComplete{sum}, action::SendSpawningComplete{state.targets}};
    }
    return {action::SendSpawningComplete{state.targets}};
  }

  Actions operator()(const event::UsersStopped&) {
    switch (state.phase) {
      case Phase::stopping:
      case Phase::lost:
      case Phase::leaving:
        break;
      default:
        return {};
    }
    if (std::exchange(state.test_under_way, false)) return {action::EndTest{}};
    return (*this)(event::TestEnded{});
  }

  Actions operator()(const event::TestEnded&) {
    if (state.phase == Phase::leaving) state.phase = Phase::flushing;
    if (state.phase == Phase::stopping || state.phase == Phase::flushing || state.phase == Phase::lost)
      return {action::Flush{}};
    return {};
  }

  Actions operator()(const event::Flushed&) {
    switch (state.phase) {
      case Phase::stopping:
        state.phase = Phase::resting;
        return {action::SendClientStopped{}, action::Rest{state.stop_timeout}};
      case Phase::lost:
        state.phase = Phase::connecting;
        state.last_spawn = {};  // another master's clock may be behind
        return {action::Announce{}};
      case Phase::flushing:
        state.phase = Phase::gone;
        return {action::SendQuit{}, action::Exit{}};
      default:
        return {};
    }
  }

  Actions operator()(const event::Rested&) {
    if (state.phase != Phase::resting) return {};
    state.phase = Phase::connecting;
    return {action::Announce{}};
  }

  Actions operator()(const event::Disconnected&) {
    state.postponed.reset();
    state.last_spawn = {};  // another master's clock may be behind; of this one, nothing older can come any more
    return {};
  }

  Actions operator()(const event::MasterLost&) {
    state.tells_completion.reset();  // the next one may be another release
    switch (state.phase) {
      case Phase::ready:
      case Phase::resting:
        state.phase = Phase::connecting;
        state.last_spawn = {};
        return {action::Announce{}};
      case Phase::spawning:
      case Phase::running:
        state.phase = Phase::lost;
        state.test_was_lost = true;
        return {action::StopUsers{state.stop_timeout, Haste::none}};
      case Phase::stopping:
        state.phase = Phase::lost;
        state.test_was_lost = true;
        return {};
      default:
        return {};
    }
  }

 private:
  Actions leave(Haste haste) {
    switch (state.phase) {
      case Phase::flushing:
      case Phase::gone:
        return {};
      case Phase::leaving:
        return haste == Haste::master ? Actions{action::StopUsers{state.stop_timeout, haste}} : Actions{};
      default:
        break;
    }
    state.phase = Phase::leaving;
    return {action::StopUsers{state.stop_timeout, haste}};
  }
};

}  // namespace

std::vector<Action> transition(State& state, const Event& event) { return std::visit(Transition{state}, event); }

protocol::State reported(Phase phase) {
  switch (phase) {
    case Phase::connecting:
    case Phase::ready:
    case Phase::resting:
      return protocol::State::ready;
    case Phase::spawning:
      return protocol::State::spawning;
    default:
      return protocol::State::running;
  }
}

}  // namespace katydid::worker_state
