#include "tests/simulated/world.hpp"

#include "tests/simulated/judge.hpp"
#include "tests/simulated/master.hpp"
#include "tests/simulated/network.hpp"
#include "tests/simulated/shard.hpp"
#include "worker/control/control_plane.hpp"
#include "worker/log/log.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace katydid::simulated {
namespace {

using namespace std::chrono_literals;
using worker_state::Phase;

constexpr auto longest_ending = 45s;  // stop_timeout, drain, on_stop, rest, hooks, and what the worker waits for

const std::vector<const UserClass*>& user_classes() {
  static const std::vector<std::unique_ptr<UserClass>> classes = [] {
    std::vector<std::unique_ptr<UserClass>> made;
    for (const std::string& name : Master::classes) {
      made.push_back(std::make_unique<UserClass>());
      made.back()->name = name;
    }
    return made;
  }();
  static const std::vector<const UserClass*> pointers{classes[0].get(), classes[1].get()};
  return pointers;
}

class World final : public ControlPlane::Process {
 public:
  World(const Script& script, const std::function<void(const std::string&)>& log) : script_(script), log_(log) {
    if (script.empty() || script.front().what != "world") throw std::invalid_argument("a script begins with its world");
    const Happening& world = script.front();
    stop_timeout_ = world.value("stop_timeout");
    rebalancing_ = world.value("rebalancing") != 0;
    judge_.sight = [this] { return sight(); };
    if (log_) judge_.log = [this](const std::string& line) { tell(line); };
    WorkerOptions options;
    options.shards = static_cast<std::size_t>(world.value("shards"));
    options.timing.forever = world.value("forever") != 0;
    options.shard.make = [this](const ShardOptions& shard) {
      auto made = std::make_unique<SimulatedShard>(time_, habits_, shard.index == 0,
                                                   [this](const std::string& test) { judge_.made(test); });
      shards_.push_back(made.get());
      return made;
    };
    forever_ = options.timing.forever;
    new_master({});
    plane_.emplace(options, user_classes(), thread_, network_.make_wire(thread_),
                   protocol::DealerOptions{.node_id = Master::worker}, *this, nullptr);
  }

  Outcome run() {
    plane_->start();
    time_.after(1s, [this] { look(); });
    for (const Happening& each : script_) {
      if (!pass_until(start_ + each.at)) return outcome();
      tell("--- " + to_text({each}));
      happen(each);
    }
    calm_down();
    if (!pass_until(std::max({time_.now(), network_.whole_since(), shards_free_since_, master_back_}) + 250s))
      return outcome();
    if (plane_) {
      tell("--- all is calm: the master quits");
      judge_.allow_no_loss();
      quit_master(0ms, 0ms, false);
      pass_until(time_.now() + 30s);
    }
    if (!judge_.verdict()) judge_.end(sight());
    return outcome();
  }

  void tell(const std::string& line) const {
    if (!log_) return;
    char time[32];
    std::snprintf(time, sizeof time, "%9.3f ", time_.passed().count());
    log_(time + line);
  }

 private:
  // --- what happens ---
  void happen(const Happening& it) {
    if (it.what == "swarm") {
      if (master_) master_->swarm(it.value("users"), it.value("rate"));
    } else if (it.what == "stop") {
      if (master_) master_->stop();
    } else if (it.what == "quit_master") {
      quit_master(it.time("back_after"), it.time("clock_behind"), true);
    } else if (it.what == "kill_master") {
      if (master_) kill_master(it.time("back_after"), it.time("clock_behind"));
    } else if (it.what == "stall_master") {
      if (master_) master_->stall_for(it.time("for"));
      hinder(it.time("for"));
    } else if (it.what == "reconnect") {
      if (master_ && master_->knows_worker()) master_->tell("reconnect");
      hinder(1s);
    } else if (it.what == "garbage") {
      if (master_ && master_->knows_worker()) master_->tell_garbage();
    } else if (it.what == "join_other") {
      if (master_) master_->join_other();
    } else if (it.what == "leave_other") {
      if (master_) master_->leave_other();
    } else if (it.what == "latency") {
      network_.set_latency(it.time("is"));
    } else if (it.what == "break") {
      network_.break_for(it.time("for"), it.time("master_late"));
    } else if (it.what == "vanish") {
      network_.vanish_for(it.time("for"));
    } else if (it.what == "fill_queue") {
      network_.fill_queue_for(it.time("for"));
    } else if (it.what == "signal") {
      if (!plane_) return;
      judge_.signalled();
      plane_->interrupt();
    } else if (it.what == "block") {
      if (!plane_) return;
      shards_[static_cast<std::size_t>(it.value("shard")) % shards_.size()]->block_for(it.time("for"));
      shards_free_since_ = std::max(shards_free_since_, time_.now() + it.time("for"));
    } else if (it.what == "users_take") {
      habits_.task = it.time("task");
      habits_.request = it.time("request");
      habits_.on_stop = it.time("on_stop");
    } else if (it.what == "hooks_take") {
      habits_.start_hook = it.time("start");
      habits_.stop_hook = it.time("stop");
    }
  }

  void calm_down() {
    network_.set_latency(1ms);
    habits_ = {.task = 200ms};
    if (master_) master_back_ = std::max(master_back_, master_->stalled_until());
  }

  // --- masters ---
  void new_master(std::chrono::milliseconds clock_behind) {
    master_.emplace(time_, network_,
                    MasterOptions{.number = ++masters_,
                                  .stop_timeout = stop_timeout_,
                                  .rebalancing = rebalancing_,
                                  .clock_behind = clock_behind},
                    judge_);
    hinder({});
  }
  void kill_master(std::chrono::milliseconds back_after, std::chrono::milliseconds clock_behind) {
    tell("--- the master ends");
    master_->for_each_waiting([this](const std::string& frame) { judge_.held(frame); });
    judge_.master_is_gone(masters_);
    master_.reset();
    clock_behind_ += clock_behind;
    master_back_ = time_.now() + back_after;
    hinder(back_after);
    time_.after(back_after, [this] {
      if (!master_) new_master(clock_behind_);
    });
  }
  void quit_master(std::chrono::milliseconds back_after, std::chrono::milliseconds clock_behind, bool disturbed) {
    if (!master_) return;
    master_->quit();
    time_.after(501ms, [this, back_after, clock_behind, disturbed, number = masters_] {
      if (!master_ || number != masters_) return;
      if (disturbed) return kill_master(back_after, clock_behind);
      master_->for_each_waiting([this](const std::string& frame) { judge_.held(frame); });
      master_.reset();
    });
  }
  /// Until then, what is late is nobody's fault.
  void hinder(std::chrono::milliseconds time) { free_since_ = std::max(free_since_, time_.now() + time); }

  // --- ControlPlane::Process ---
  ControlPlane::Usage usage() override { return {.cpu_percent = 10, .memory_bytes = 1 << 20}; }
  void finished(int exit_code) override { leave(exit_code, false); }
  void abandon(int exit_code) override { leave(exit_code, true); }
  void leave(int exit_code, bool by_force) {
    if (std::exchange(left_, true)) return judge_.wrong("the worker ends twice");
    judge_.left(exit_code, by_force, sight());
    time_.after({}, [this] {
      thread_.end();
      plane_.reset();
      shards_.clear();
    });
  }

  // --- the judge's eyes ---
  Sight sight() const {
    Sight sight{.phase = left_ || !plane_ ? Phase::gone : plane_->phase()};
    sight.free_since = std::max(network_.whole_since(), free_since_);
    if (network_.latency() > 100ms) sight.free_since = time_.now();
    sight.shards_free_since = shards_free_since_;
    if (master_) sight.masters_test = master_->test();
    // A worker that waits for no master forever leaves when it has heard of none for a minute.
    sight.leaving = !forever_ && judge_.master_silent();
    for (const SimulatedShard* shard : shards_) {
      sight.users += shard->users();
      if (!shard->test().empty()) sight.tests.insert(shard->test());
      for (const std::string& name : Master::classes) sight.live[name] += shard->live(name);
    }
    return sight;
  }
  void look() {
    if (plane_) judge_.look(sight());
    time_.after(1s, [this] { look(); });
  }

  bool pass_until(clock::time_point end) {
    while (!judge_.verdict() && time_.step(end)) {
    }
    return !judge_.verdict();
  }
  Outcome outcome() const { return {.wrong = judge_.verdict(), .seconds = time_.passed().count()}; }
  const Script& script_;
  const std::function<void(const std::string&)>& log_;
  std::int64_t stop_timeout_ = 0;
  bool rebalancing_ = false, forever_ = false, left_ = false;
  VirtualTime time_;
  const clock::time_point start_ = time_.now();
  Judge judge_{time_, longest_ending};
  Network network_{time_, judge_};
  Habits habits_;
  int masters_ = 0;
  std::chrono::milliseconds clock_behind_{};
  clock::time_point free_since_{}, shards_free_since_{}, master_back_{};
  std::optional<Master> master_;
  VirtualThread thread_{time_};
  std::vector<SimulatedShard*> shards_;
  std::optional<ControlPlane> plane_;
};

}  // namespace

Outcome run_world(const Script& script, const std::function<void(const std::string& line)>& tell) {
  katydid::log::set_level(tell ? katydid::log::Level::debug : katydid::log::Level::critical);
  World world(script, tell);
  if (tell) {
    katydid::log::set_handler([&](katydid::log::Level level, std::string_view, std::string_view text) {
      world.tell(std::string(katydid::log::to_string(level)) + " " + std::string(text));
    });
  }
  const Outcome outcome = world.run();
  katydid::log::set_handler({});
  return outcome;
}

}  // namespace katydid::simulated
