#include "tests/simulated/judge.hpp"

#include "protocol/msgpack.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace katydid::simulated {

using namespace std::chrono_literals;
using worker_state::Phase;

namespace {

constexpr auto promptly = 6s;        // what is done at once, hooks of 3 s and a slow network included
constexpr auto report_late = 12s;    // two reports and what may hold them up
constexpr auto registers_by = 200s;  // after the longest silence of a connection that is deaf
constexpr auto quits_by = 20s;

std::int64_t at(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

const char* name_of(Phase phase) {
  constexpr const char* names[] = {"connecting", "ready", "spawning", "running",  "stopping",
                                   "resting",    "lost",  "leaving",  "flushing", "gone"};
  return names[static_cast<int>(phase)];
}

bool runs_users(Phase phase) { return phase == Phase::spawning || phase == Phase::running; }

/// Of a report that is under way.
Counts samples_of(std::string_view frame) {
  Counts samples;
  const Value content = protocol::unpack(frame);
  if (content[0].as_string() != "stats") return samples;
  for (const Value& entry : content[1]["stats"].as_array())
    samples[entry["name"].as_string()] += entry["num_requests"].as_int();
  return samples;
}

std::string in_short(std::string_view frame) {
  const Value content = protocol::unpack(frame);
  if (content[0].as_string() != "stats") return content[0].as_string() + " " + content[1].dump();
  std::string text = "stats, users " + std::to_string(content[1]["user_count"].as_int());
  for (const auto& [test, count] : samples_of(frame))
    text.append(", samples of test ").append(test).append(" ").append(std::to_string(count));
  return text;
}

bool is(std::string_view frame, std::string_view type) {
  return frame.size() > type.size() + 2 && frame.substr(2, type.size()) == type;
}

}  // namespace

void Judge::wrong(std::string what) {
  if (wrong_) return;
  char time[32];
  std::snprintf(time, sizeof time, "%.3f s: ", time_.passed().count());
  wrong_ = time + what;
  if (log) log("WRONG: " + what + " (the worker is " + name_of(phase_) + ")");
}

void Judge::sent(std::string_view frame) {
  if (is(frame, "heartbeat")) return;
  const Value content = protocol::unpack(frame);
  const std::string& type = content[0].as_string();
  if (log && in_short(frame) != "stats, users 0") log("worker says " + in_short(frame));
  const Sight now = sight();
  if (type == "client_ready") {
    if (now.users > 0) wrong("client_ready while users run");
    heard_since_ = time_.now();
    // A spawn that came after a stop, or before the ack, is still to be carried out; all else was said to a worker that
    // is no more. When the connection broke meanwhile, another master may have come: then both is right.
    unsure_ = spawn_waits_ && std::max(now.free_since, reconnected_) >= wanted_since_;
    if (!spawn_waits_) {
      want_nothing();
      completes_due_ = 0;
    }
    owes_stopped_.reset();
  } else if (type == "client_stopped") {
    if (now.users > 0) wrong("client_stopped while users run");
    if (!owes_stopped_) wrong("client_stopped that no stop asked for");
    owes_stopped_.reset();
  } else if (type == "spawning_complete") {
    if (completes_due_-- == 0) wrong("spawning_complete more often than spawn");
    Counts told;
    for (const auto& [name, count] : content[1]["user_classes_count"].as_object())
      told[name.as_string()] = count.as_int();
    if (told == wanted_) {
      owes_complete_.reset();
    } else if (wanted_ && completes_due_ == 0) {
      wrong("spawning_complete of other users than those that are wanted");
    }
  } else if (type == "stats") {
    for (const auto& [test, count] : samples_of(frame)) {
      sent_[test] += count;
      if (runs_users(now.phase) && !now.tests.contains(test) && !now.tests.empty())
        wrong("samples of test " + test + " are reported while another one runs");
    }
  }
}

void Judge::lost(std::string_view frame) {
  for (const auto& [test, count] : samples_of(frame)) {
    lost_[test] += count;
    if (strict_ && count > 0) wrong("the last report comes too late for the master");
  }
  if (log && !is(frame, "heartbeat")) log("lost on its way: " + in_short(frame));
}

void Judge::received(const Counts& samples) {
  for (const auto& [test, count] : samples) {
    received_[test] += count;
    if (unaccounted(test) < 0) wrong("samples of test " + test + " were counted twice");
  }
}

void Judge::arrived(std::string_view frame) {
  if (since(heard_at_) >= patience) silent_at_ = time_.now();
  heard_at_ = time_.now();
  if (is(frame, "heartbeat")) return;
  Value content;
  try {
    content = protocol::unpack(frame);
  } catch (const std::exception&) {
    return;
  }
  const std::string& type = content[0].as_string();
  if (log) log("master says " + content.dump());
  if (type == "spawn") hear_spawn(content[1]);
  if (type == "stop") hear_stop();
  if (type == "quit") signalled();
  if (type == "reconnect") reconnected_ = time_.now();
}

void Judge::hear_spawn(const Value& data) {
  const Sight now = sight();
  const double timestamp = data["timestamp"].as_double();
  if (now.phase == Phase::leaving || now.phase == Phase::flushing || now.phase == Phase::gone) return;
  const std::string& test = data["parsed_options"]["test"].as_string();
  const std::string master = test.substr(0, test.find('/'));
  if (timestamp <= last_timestamp_ && master == last_master_) return;
  last_master_ = master;
  // A start() of the master's own that was under way goes on after a stop, in the same test. For the worker that is
  // another one, and what it could not report of the first is over with it.
  if (test == stopped_test_ && since(now.free_since) < report_late) excused_.insert(test);
  begin_test(test, now);
  last_timestamp_ = timestamp;
  Counts users;
  for (const auto& [name, count] : data["user_classes_count"].as_object()) users[name.as_string()] = count.as_int();
  unsure_ = false;
  wanted_ = users;
  wanted_since_ = time_.now();
  owes_complete_ = time_.now();
  ++completes_due_;
  spawn_waits_ = now.phase == Phase::stopping || now.phase == Phase::resting || now.phase == Phase::connecting;
  if (now.phase == Phase::lost) {  // it is for a worker that is no more
    want_nothing();
  }
}

void Judge::want_nothing() {
  wanted_.reset();
  owes_complete_.reset();
}

void Judge::hear_stop() {
  stopped_test_ = test_;
  const Sight now = sight();
  want_nothing();
  unsure_ = false;
  wanted_since_ = time_.now();
  spawn_waits_ = false;
  if (runs_users(now.phase) || now.phase == Phase::ready) owes_stopped_ = owes_stopped_.value_or(time_.now());
}

void Judge::master_is_gone(int number) { gone_masters_.insert(std::to_string(number)); }

bool Judge::excused(const std::string& test) const {
  return excused_.contains(test) || gone_masters_.contains(test.substr(0, test.find('/')));
}

std::int64_t Judge::unaccounted(const std::string& test) const {
  return at(made_, test) - at(received_, test) - at(lost_, test);
}

void Judge::look(const Sight& now) {
  if (now.phase != phase_) {
    phase_ = now.phase;
    phase_since_ = time_.now();
  }
  check_phase(now);
  check_users(now);
  check_samples(now);
}

void Judge::check_phase(const Sight& now) {
  const auto hindered = std::max(phase_since_, now.shards_free_since);
  switch (now.phase) {
    case Phase::spawning:
    case Phase::stopping:
    case Phase::resting:
    case Phase::lost:
    case Phase::leaving:
    case Phase::flushing:
      if (since(hindered) > slack_) wrong(std::string("the worker does not leave its state: ") + name_of(now.phase));
      break;
    case Phase::connecting:
      if (since(std::max(phase_since_, now.free_since)) > registers_by) wrong("the worker does not register");
      break;
    default:
      break;
  }
  if (leave_since_ && since(std::max(*leave_since_, now.shards_free_since)) > quits_by + slack_)
    wrong("the worker does not quit");
}

void Judge::check_users(const Sight& now) {
  // A spawn that has to wait is dropped when the connection breaks, or seems to: another master may have come.
  if (unsure_ || (spawn_waits_ && std::max(now.free_since, reconnected_) >= wanted_since_)) return;
  const auto changed = std::max({wanted_since_, phase_since_, now.shards_free_since});
  const Counts nobody;
  const Counts& wanted = wanted_ && runs_users(now.phase) ? *wanted_ : nobody;
  if (since(changed) > promptly) {
    for (const auto& [name, count] : now.live) {
      if (count > at(wanted, name)) wrong("more users of class " + name + " than are wanted: " + std::to_string(count));
    }
  }
  if (now.leaving || leave_since_) return;
  if (since(changed) > slack_ && now.phase != Phase::lost && now.phase != Phase::connecting) {
    if (wanted_ && now.live != *wanted_ &&
        !(now.users == 0 && std::ranges::all_of(*wanted_, [](const auto& e) { return e.second == 0; })))
      wrong("the users that are wanted do not come");
    if (owes_complete_) wrong("spawning_complete does not come");
    if (owes_stopped_ && since(*owes_stopped_) > slack_) wrong("client_stopped does not come");
  }
}

/// A test is over for the master when it begins another one: what it has not heard of the last one is nobody's any
/// more.
void Judge::begin_test(const std::string& test, const Sight& now) {
  if (test == test_) return;
  const bool in_touch = since(now.free_since) > registers_by && since(now.shards_free_since) > report_late;
  if (in_touch && now.users == 0 && unaccounted(test_) > 0 && !excused(test_))
    wrong("samples of test " + test_ + " are lost when another one begins");
  excused_.insert(test_);
  test_ = test;
  history_.clear();
}

void Judge::check_samples(const Sight& now) {
  const bool in_touch =
      runs_users(now.phase) &&
      since(std::max({heard_since_, phase_since_, now.free_since, now.shards_free_since})) > report_late;
  history_.emplace_back(time_.now(), made_);
  while (since(history_.front().first) > report_late) {
    const auto& [then, made] = history_.front();
    const std::int64_t missing = at(made, test_) - at(sent_, test_);
    if (in_touch && missing > 0 && !excused(test_))
      wrong(std::to_string(missing) + " samples of test " + test_ + " are not reported in time");
    history_.pop_front();
  }
}

void Judge::left(int exit_code, bool by_force, const Sight& now) {
  if (log) log("the worker has left, exit code " + std::to_string(exit_code));
  if (!leave_since_ && !now.leaving) wrong("the worker leaves, and nobody has told it to");
  if (by_force && since(now.shards_free_since) > slack_) wrong("the worker leaves its users behind");
  if (!by_force && now.users > 0) wrong("the worker ends while users run");
  if (by_force || since(now.free_since) < report_late || since(now.shards_free_since) < report_late) {
    for (const auto& [test, count] : made_) {
      if (unaccounted(test) > 0) excused_.insert(test);
    }
  }
}

void Judge::end(const Sight& now) {
  if (log) log("the world has come to rest");
  for (const auto& [test, count] : made_) {
    const std::int64_t missing = unaccounted(test);
    if (missing > 0 && !excused(test)) wrong(std::to_string(missing) + " samples of test " + test + " are lost");
  }
  if (now.phase != Phase::gone) wrong("the worker does not quit with its master");
}

}  // namespace katydid::simulated
