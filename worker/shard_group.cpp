#include "worker/shard_group.hpp"

#include "worker/log/log.hpp"
#include "worker/user/environment.hpp"

#include <fmt/format.h>

namespace katydid {
namespace {
constexpr log::Logger logger{"katydid.shard"};

/// What listeners of report_to_master add.
Value additions() {
  Value added;
  const auto& listeners = Hooks::registered().report_to_master;
  if (listeners.empty()) return added;
  added = Value::object();
  call_each("report_to_master", listeners, added);
  return added;
}

}  // namespace

std::int64_t share_of(std::int64_t total, std::size_t index, std::size_t parts, std::size_t first) {
  const auto n = static_cast<std::int64_t>(parts);
  const auto place = static_cast<std::int64_t>((index + parts - first % parts) % parts);
  return total / n + (place < total % n ? 1 : 0);
}

Health blocked_loops(std::size_t turning, std::size_t shards) {
  return {.well = false,
          .text = fmt::format("{} of {} event loops did not turn for {} s: a task blocks them", shards - turning,
                              shards, patience_with_loops.count())};
}

std::string blocked_users(std::string_view who) {
  return fmt::format(
      "users did not stop in time, because a task blocks its thread. {} without them, and their last requests are not "
      "counted. Tasks must wait with co_await, not with calls that block",
      who);
}

void merge(ShardReport& sum, ShardReport&& more) {
  for (auto& delta : more.statistics) sum.statistics.push_back(std::move(delta));
  for (const auto& [name, count] : more.users) sum.users[name] += count;
  for (const auto& [exception, count] : more.exceptions) sum.exceptions[exception] += count;
  sum.asked_for_additions |= more.asked_for_additions;
  for (auto& added : more.additions) {
    if (!added.empty()) sum.additions.push_back(std::move(added));
  }
  sum.tasks_cut_short += more.tasks_cut_short;
  sum.lag.merge(more.lag);
  sum.wall += more.wall;
  sum.cpu += more.cpu;
  sum.waited += more.waited;
}

struct ShardGroup::Collection {
  Collecting kind = Collecting::for_now;
  ShardReport sum;
  std::size_t missing = 0;
  std::function<void(ShardReport)> collected;
};

struct ShardGroup::Link {
  explicit Link(ControlLoop& loop) : control(loop), patience(control.make_timer()) {}
  ControlLoop& control;
  std::unique_ptr<ControlLoop::Timer> patience;
  std::shared_ptr<Collection> collection;
  std::vector<UserCounts> last_users;  // per shard, for one that does not answer
  ShardReport late;                    // handed over after its collection was closed
  std::uint64_t test = 0;              // counts forget_late()

  /// What one that is under way has so far goes with the next one, and it ends without a report of its own: that would
  /// be one that listeners of report_to_master have not been asked about.
  void join_late() {
    if (auto begun = std::exchange(collection, nullptr)) merge(late, std::move(begun->sum));
  }

  void close_collection() {
    auto done = std::exchange(collection, nullptr);
    if (!done) return;
    patience->cancel();
    merge(done->sum, std::exchange(late, {}));
    for (const UserCounts& users : last_users) {
      for (const auto& [name, count] : users) done->sum.users[name] += count;
    }
    done->collected(std::move(done->sum));
  }
};

ShardGroup::ShardGroup(ControlLoop& control, std::size_t shards, ShardOptions options,
                       std::vector<const UserClass*> classes)
    : link_(std::make_shared<Link>(control)), classes_(std::move(classes)) {
  options.count = shards;
  for (std::size_t i = 0; i < shards; ++i) {
    options.index = i;
    shards_.push_back(options.make ? options.make(options) : std::make_unique<Shard>(options, classes_));
  }
  link_->last_users.resize(shards);
  const EventLoop kind = shards_.front()->event_loop();
  if (options.event_loop == EventLoop::automatic && kind != EventLoop::io_uring) {
    logger.info("No io_uring here ({}): the event loop is {}", why_no_io_uring(), to_string(kind));
  }
  for (auto& shard : shards_) shard->start_thread();
}

ShardGroup::~ShardGroup() {
  link_->collection = nullptr;
  link_->patience->cancel();
}

void ShardGroup::run_hook(std::string_view what, std::function<void()> hook, std::function<void()> done) {
  shards_.front()->post(
      [what = std::string(what), hook = std::move(hook), done = std::move(done), link = link_]() mutable {
        call_guarded(what, hook);
        if (done) link->control.post(std::move(done));
      });
}

void ShardGroup::call_first(std::string_view what, const Hooks::Listeners<Environment&>& listeners,
                            std::function<void()> then) {
  if (listeners.empty()) return then();
  run_hook(
      what, [what, &listeners] { call_each(what, listeners, environment()); }, std::move(then));
}

void ShardGroup::begin_test(const TestSettings& settings, std::function<void()> started) {
  for (auto& shard : shards_) shard->post([&shard = *shard, settings] { shard.begin_test(settings); });
  run_hook(
      "test_start", [] { call_each("test_start", Hooks::registered().test_start, environment()); }, std::move(started));
}

void ShardGroup::end_test(std::function<void()> ended) {
  shards_.front()->post([&shard = *shards_.front(), ended = std::move(ended), link = link_]() mutable {
    call_each("test_stop", Hooks::registered().test_stop, environment());
    shard.finish_hooks([ended = std::move(ended), link] { link->control.post(ended); });
  });
}

void ShardGroup::set_targets(const UserTargets& targets, StopPolicy policy, std::function<void()> reached) {
  const std::uint64_t generation = ++generation_;
  auto missing = std::make_shared<std::size_t>(shards_.size());
  auto on_reached = std::make_shared<std::function<void()>>([this, generation, missing, reached = std::move(reached)] {
    if (--*missing == 0 && generation == generation_) reached();
  });
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    UserTargets share{.users = {}, .fleet = targets.fleet};
    std::size_t first = 0;
    for (const UserClass* user_class : classes_) {
      const std::string& name = user_class->name;
      const auto target = targets.users.find(name);
      if (target == targets.users.end()) continue;
      const std::int64_t count = share.users[name] = share_of(target->second, i, shards_.size(), first);
      // The next class goes on where this one left off.
      first += static_cast<std::size_t>(target->second) % shards_.size();
      const auto part = targets.parts.find(name);
      if (part == targets.parts.end() || target->second == 0) continue;
      share.parts[name] = part->second * static_cast<double>(count) / static_cast<double>(target->second);
    }
    shards_[i]->post([&shard = *shards_[i], share = std::move(share), policy, on_reached, link = link_] {
      shard.set_targets(share, policy, [on_reached, link] { link->control.post([on_reached] { (*on_reached)(); }); });
    });
  }
}

void ShardGroup::collect(Collecting kind, std::chrono::milliseconds patience,
                         std::function<void(ShardReport)> collected) {
  const bool last_under_way = link_->collection && link_->collection->kind == Collecting::last;
  if (kind == Collecting::for_now && last_under_way) return;
  if (kind == Collecting::last) link_->join_late();
  link_->close_collection();  // one at a time
  auto collection = std::make_shared<Collection>();
  collection->kind = kind;
  collection->missing = shards_.size();
  collection->collected = std::move(collected);
  link_->collection = collection;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i]->post([&shard = *shards_[i], i, collection, link = link_, test = link_->test] {
      auto report = std::make_shared<ShardReport>(shard.report());
      if (i == 0) {
        report->additions.push_back(additions());
        report->asked_for_additions = true;
      }
      link->control.post([report, i, collection, link, test] {
        link->last_users[i] = std::exchange(report->users, {});
        if (test != link->test) *report = {};
        if (link->collection != collection) {
          merge(link->late, std::move(*report));
          return;
        }
        merge(collection->sum, std::move(*report));
        if (--collection->missing == 0) link->close_collection();
      });
    });
  }
  link_->patience->start(patience, [this, collection] {
    if (link_->collection == collection) link_->close_collection();
  });
}

void ShardGroup::count_turning(std::chrono::milliseconds patience, std::function<void(std::size_t)> counted) {
  struct Count {
    std::size_t turning = 0;
    std::function<void(std::size_t)> counted;
    std::unique_ptr<ControlLoop::Timer> patience;
    void end() {
      // It has to go here: the last who holds a count may be a shard.
      const auto timer = std::move(patience);
      if (auto done = std::exchange(counted, nullptr)) done(turning);
    }
  };
  const auto count = std::make_shared<Count>(Count{0, std::move(counted), link_->control.make_timer()});
  count->patience->start(patience, [count] { count->end(); });
  for (auto& shard : shards_) {
    shard->post([count, link = link_, shards = shards_.size()] {
      link->control.post([count, shards] {
        if (++count->turning == shards) count->end();
      });
    });
  }
}

void ShardGroup::forget_late() {
  ++link_->test;
  link_->late = {};
  if (link_->collection) link_->collection->sum = {};
}

}  // namespace katydid
