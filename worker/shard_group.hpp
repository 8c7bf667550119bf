#pragma once

#include "worker/call_hooks.hpp"
#include "worker/control/control_loop.hpp"
#include "worker/process/health.hpp"
#include "worker/shard.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What becomes of a collection that is under way when the next one begins.
enum class Collecting {
  for_now,  ///< it ends with what it has, or what it has is in the `last` one, and the rest is in the next one
  last,     ///< it is waited for, and a next one that is for_now is left out
};

/// All shards of a process, seen from the control plane: spreads users over them and collects what they have to report.
/// Used on the control plane's loop only, where every callback is called too.
class ShardGroup {
 public:
  /// Starts the threads. `control` and `classes` must outlive the group.
  ShardGroup(ControlLoop& control, std::size_t shards, ShardOptions options, std::vector<const UserClass*> classes);
  ~ShardGroup();

  /// Readies every shard for a new test, runs the test_start hooks, then calls `started`.
  void begin_test(const TestSettings& settings, std::function<void()> started);
  /// Runs the test_stop hooks, then calls `ended`.
  void end_test(std::function<void()> ended);
  /// Absolute targets for the whole process. `reached` is called once all shards have them, unless a later call came
  /// first.
  void set_targets(const UserTargets& targets, StopPolicy policy, std::function<void()> reached);
  /// Merges what all shards did since the last call. A shard whose user code blocks its loop for longer than `patience`
  /// is left out, and what it hands over later is in the next report.
  void collect(Collecting kind, std::chrono::milliseconds patience, std::function<void(ShardReport)> collected);
  /// How many shards' loops turn within `patience`; all of them, unless user code blocks one.
  void count_turning(std::chrono::milliseconds patience, std::function<void(std::size_t)> counted);
  /// Drops the numbers that shards have been asked for and not handed over yet: they are of a test that is over.
  void forget_late();
  /// Calls a hook on the first shard's thread; what it throws is logged.
  void run_hook(std::string_view what, std::function<void()> hook, std::function<void()> done = {});
  /// Calls the listeners of an event there, if it has any; the arguments are kept until then.
  template <class... Parameters, class... Arguments>
  void call_listeners(std::string_view what, const Hooks::Listeners<Parameters...>& listeners, Arguments... arguments) {
    if (listeners.empty()) return;
    run_hook(what,
             [what, &listeners, ... arguments = std::move(arguments)] { call_each(what, listeners, arguments...); });
  }

  /// Calls them with the environment and goes on with `then`; at once where nobody listens.
  void call_first(std::string_view what, const Hooks::Listeners<Environment&>& listeners, std::function<void()> then);

  std::size_t size() const { return shards_.size(); }

 private:
  struct Collection;
  struct Link;  // outlives the group in callbacks that shards still hold

  std::shared_ptr<Link> link_;
  std::vector<const UserClass*> classes_;
  std::vector<std::unique_ptr<AnyShard>> shards_;
  std::uint64_t generation_ = 0;
};

/// The share of `total` that part `index` of `parts` gets, rotated by `first` so that several classes of few users
/// don't all land on the first shard. Grows by at most one when `total` grows by one, so that no user moves.
std::int64_t share_of(std::int64_t total, std::size_t index, std::size_t parts, std::size_t first);

/// What `katydid --health` is told of shards that count_turning() found blocked, and how long they are waited for. @{
inline constexpr std::chrono::seconds patience_with_loops{3};
Health blocked_loops(std::size_t turning, std::size_t shards);
/// @}
/// What the log says where users did not stop within StopPolicy::limit(); `who` ends without them: "The test ends".
std::string blocked_users(std::string_view who);

/// Adds `more` to `sum`.
void merge(ShardReport& sum, ShardReport&& more);

}  // namespace katydid
