#pragma once

#include "protocol/message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a worker does when, as a pure function: no socket, no clock, no thread (runners.py's
/// WorkerRunner.handle_message, with the cases that it leaves open decided).
namespace katydid::worker_state {

enum class Phase {
  connecting,  ///< no ack yet, or the master was lost
  ready,
  spawning,
  running,
  stopping,  ///< the master said stop: users are finishing
  resting,   ///< client_stopped was sent; ready again after stop_timeout
  lost,      ///< the master went away: users are finishing
  leaving,   ///< quit or a signal: users are finishing
  flushing,  ///< the last report is under way
  gone,
};

struct State {
  Phase phase = Phase::connecting;
  protocol::EpochTime last_spawn{};
  protocol::Seconds stop_timeout{};
  /// Of the last spawn message that was carried out.
  protocol::UserClassesCount targets{};
  /// A spawn that came while the users of the test before it were stopping: carried out as soon as the master has taken
  /// the worker back, unless the connection broke meanwhile, as another master may have come.
  std::optional<protocol::from_master::Spawn> postponed{};
  /// Between StartTest and EndTest.
  bool test_under_way = false;
  /// The last one ended because the master was lost.
  bool test_was_lost = false;
  /// Whether this master says when the ramp-up is over; before 2.29 none does. Unknown until its first spawn message.
  std::optional<bool> tells_completion{};
  /// Why it leaves: by its own wish (a signal), or because the master told it to.
  bool own_wish = false;
};

namespace event {
struct Acked {};
struct Targets {};       ///< all shards have the users of the last SetTargets
struct UsersStopped {};  ///< the same after StopUsers
struct TestEnded {};     ///< the test_stop hooks have run
struct Flushed {};       ///< the last report has left
struct Rested {};        ///< stop_timeout after client_stopped is over
struct Disconnected {};  ///< its connection broke; it may come back
struct MasterLost {};    ///< it did not come back, or it doesn't know this worker any more
struct MasterSilent {};  ///< no heartbeat for 60 s, and not told to try forever
struct Interrupted {};   ///< SIGINT, SIGTERM, or environment().quit()
}  // namespace event

using Event = std::variant<protocol::from_master::Spawn, protocol::from_master::SpawningComplete,
                           protocol::from_master::Stop, protocol::from_master::Quit, event::Acked, event::Targets,
                           event::UsersStopped, event::TestEnded, event::Flushed, event::Rested, event::Disconnected,
                           event::MasterLost, event::MasterSilent, event::Interrupted>;

/// How hastily users are to end.
enum class Haste {
  none,    ///< after stop_timeout, a second for requests on their way
  master,  ///< the master waits half a second for the last report: less for requests, and what is done is reported at
           ///< once
};

namespace action {
struct Discard {};  ///< says that an old spawn message was discarded
struct SendSpawning {};
struct StartTest {
  protocol::from_master::Spawn spawn;
  /// The last one ended because the master was lost: for the master, it may be the same test.
  bool after_loss = false;
};
struct SetTargets {
  protocol::UserClassesCount targets;
  protocol::Seconds stop_timeout;
  std::optional<std::int64_t> all;  ///< of how many users in the end, on all workers, where the master says it
};
/// With the targets that the shards have reached: what they run is known without asking them again.
struct SendSpawningComplete {
  protocol::UserClassesCount targets;
};
/// For listeners of `spawning_complete`, and the statistics where --reset-stats is set: when the master says that the
/// ramp-up is over, or, under one that doesn't say so, whenever a spawn message's targets are reached.
struct SpawningIsComplete {
  std::int64_t user_count;  ///< of all workers, or, where the master doesn't say it, of this one
};
struct StopUsers {
  protocol::Seconds stop_timeout;
  Haste haste;
};
struct EndTest {};
struct Flush {};
struct SendClientStopped {};
struct Rest {
  protocol::Seconds duration;
};
struct Announce {};  ///< client_ready until there is an ack
struct SendQuit {};
struct Exit {};
}  // namespace action

using Action = std::variant<action::Discard, action::SendSpawning, action::StartTest, action::SetTargets,
                            action::SendSpawningComplete, action::SpawningIsComplete, action::StopUsers,
                            action::EndTest, action::Flush, action::SendClientStopped, action::Rest, action::Announce,
                            action::SendQuit, action::Exit>;

/// The new state and what is to be done, in that order.
std::vector<Action> transition(State& state, const Event& event);

/// What the master is told in heartbeats; a worker whose users are finishing still runs, as Locust's does.
protocol::State reported(Phase phase);

}  // namespace katydid::worker_state
