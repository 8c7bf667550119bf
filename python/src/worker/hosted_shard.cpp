#include "python/src/worker/hosted_shard.hpp"

#include <utility>

namespace katydid::python {

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
  shared_->counts.clear();
  shared_->host.begin_test(settings);
}

void HostedShard::set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) {
  shared_->reached = std::move(reached);
  shared_->host.set_targets(targets, policy);
}

void HostedShard::finish_hooks(std::function<void()> done) {
  shared_->hooks_finished = std::move(done);
  shared_->host.finish_hooks();
}

ShardReport HostedShard::report() {
  ShardReport report = shared_->counts.take(shared_->statistics, shared_->loop);
  report.users = shared_->users;
  return report;
}

}  // namespace katydid::python
