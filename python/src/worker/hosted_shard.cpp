#include "python/src/worker/hosted_shard.hpp"

#include "worker/log/log.hpp"

#include <utility>

namespace katydid::python {
namespace {
constexpr log::Logger logger{"katydid.shard"};
constexpr std::size_t most_exceptions = 200;
}  // namespace

void SharedShard::report_exception(UserException exception) {
  if (exceptions.size() >= most_exceptions && !exceptions.contains(exception)) {
    exception = {.message = "(more than " + std::to_string(most_exceptions) + " different exceptions in one report)",
                 .traceback = "  not listed one by one\n"};
  }
  if (exceptions[exception]++ == 0) logger.error("{}\n{}", exception.message, exception.traceback);
}

void SharedShard::tell_reached() {
  if (reached) std::exchange(reached, nullptr)();
}

void SharedShard::tell_hooks_finished() {
  if (hooks_finished) std::exchange(hooks_finished, nullptr)();
}

HostedShard::~HostedShard() {
  std::lock_guard lock(shared_->mutex);
  shared_->attached = false;
  shared_->reached = shared_->hooks_finished = nullptr;
}

void HostedShard::post(std::function<void()> work) {
  shared_->loop.post([shared = shared_, work = std::move(work)] {
    std::lock_guard lock(shared->mutex);
    if (shared->attached) work();
  });
}

void HostedShard::begin_test(TestSettings settings) {
  shared_->statistics.reset();
  shared_->exceptions.clear();
  shared_->tasks_cut_short = 0;
  shared_->host.begin_test(settings);
}

void HostedShard::set_targets(UserCounts targets, StopPolicy policy, std::function<void()> reached) {
  shared_->reached = std::move(reached);
  shared_->host.set_targets(targets, policy);
}

void HostedShard::finish_hooks(std::function<void()> done) {
  shared_->hooks_finished = std::move(done);
  shared_->host.finish_hooks();
}

ShardReport HostedShard::report() {
  while (const auto warning = shared_->statistics.take_warning()) logger.warning("{}", *warning);
  const auto usage = ThreadUsage::now();
  const auto before = std::exchange(shared_->reported_usage, usage);
  const auto at = Loop::clock::now();
  ShardReport report{.statistics = {},
                     .users = shared_->users,
                     .exceptions = std::exchange(shared_->exceptions, {}),
                     .tasks_cut_short = std::exchange(shared_->tasks_cut_short, 0),
                     .lag = shared_->loop.take_lag(),
                     .wall = at - std::exchange(shared_->reported_at, at),
                     .cpu = usage.cpu - before.cpu,
                     .waited = usage.waited - before.waited};
  report.statistics.push_back(shared_->statistics.take());
  return report;
}

}  // namespace katydid::python
