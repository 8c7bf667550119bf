#include "tests/simulated/shard.hpp"

#include <algorithm>
#include <utility>

namespace katydid::simulated {
namespace {

using namespace std::chrono_literals;

StatisticsOptions on_virtual_time(const VirtualTime& time) {
  return {.steady_clock = [&time] { return time.now(); },
          .wall_clock =
              [&time] {
                return std::chrono::system_clock::time_point(
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(1'800'000'000s +
                                                                                    time.now().time_since_epoch()));
              }};
}

}  // namespace

SimulatedShard::SimulatedShard(VirtualTime& time, const Habits& habits, bool first, Made made)
    : time_(time),
      habits_(habits),
      first_(first),
      made_(std::move(made)),
      turn_timer_(thread_.make_timer()),
      hooks_timer_(thread_.make_timer()),
      statistics_(on_virtual_time(time)) {}

void SimulatedShard::begin_test(TestSettings settings) {
  const Value* test = settings.parsed_options.find("test");  // Master::send_spawns() says it
  test_ = test && test->is_string() ? test->as_string() : "";
  statistics_.reset();
  if (first_) block_for(habits_.start_hook);
}

void SimulatedShard::set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) {
  reached_ = std::move(reached);
  for (auto& [name, count] : live_) {
    const std::int64_t target = targets.users[name];
    tell_to_stop(name, count - target, policy);
    if (target > 0) continue;
    for (Ending& each : ending_) {
      if (each.user_class == name) each.end = std::min(each.end, end_of(policy));
    }
  }
  for (const auto& [name, target] : targets.users) live_[name] = std::max(live_[name], target);
  bury();
  if (users() > 0) turn_timer_->start(std::max(200ms, habits_.task), [this] { turn(); });
  check_reached();
}

void SimulatedShard::turn() {
  std::int64_t live = 0;
  for (const auto& [name, count] : live_) live += count;
  record(live);
  if (live > 0) turn_timer_->start(std::max(200ms, habits_.task), [this] { turn(); });
}

void SimulatedShard::record(std::int64_t samples) {
  for (; samples > 0; --samples) {
    statistics_.record({.method = "GET", .name = test_, .response_time = habits_.request});
    made_(test_);
  }
}

void SimulatedShard::tell_to_stop(const std::string& user_class, std::int64_t count, const StopPolicy& policy) {
  for (; count > 0; --count) {
    --live_[user_class];
    ending_.push_back({user_class, end_of(policy), habits_.request <= policy.drain});
  }
}

clock::time_point SimulatedShard::end_of(const StopPolicy& policy) const {
  const std::chrono::nanoseconds task = habits_.task, request = habits_.request, on_stop = habits_.on_stop;
  return time_.now() + std::min(task, policy.task) + std::min(request, policy.drain) +
         std::min(on_stop, policy.on_stop);
}

/// Those whose time is over are gone; at the end of the next one it looks again.
void SimulatedShard::bury() {
  std::int64_t answered = 0;
  std::erase_if(ending_, [&](const Ending& each) {
    if (each.end > time_.now()) return false;
    each.answered ? static_cast<void>(++answered) : statistics_.cut_off("GET", test_);
    return true;
  });
  record(answered);
  if (ending_.empty()) return;
  const auto next = std::ranges::min_element(ending_, {}, &Ending::end)->end;
  time_.at(next, [this, alive = thread_.alive()] {
    if (!*alive) return;
    thread_.post([this] {
      bury();
      check_reached();
    });
  });
}

void SimulatedShard::check_reached() {
  if (reached_ && ending_.empty()) std::exchange(reached_, nullptr)();
}

void SimulatedShard::finish_hooks(std::function<void()> done) {
  hooks_timer_->start(habits_.stop_hook, std::move(done));
}

ShardReport SimulatedShard::report() {
  ShardReport report;
  report.statistics.push_back(statistics_.take());
  for (const auto& [name, count] : live_) report.users[name] = count;
  for (const Ending& each : ending_) ++report.users[each.user_class];
  return report;
}

std::int64_t SimulatedShard::live(const std::string& user_class) const {
  const auto found = live_.find(user_class);
  return found == live_.end() ? 0 : found->second;
}

std::int64_t SimulatedShard::users() const {
  auto sum = static_cast<std::int64_t>(ending_.size());
  for (const auto& [name, count] : live_) sum += count;
  return sum;
}

}  // namespace katydid::simulated
