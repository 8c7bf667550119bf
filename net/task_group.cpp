#include "net/task_group.hpp"

#include "net/context.hpp"
#include "net/loop.hpp"

#include <algorithm>
#include <stdexcept>

namespace katydid {
namespace {
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
}

TaskGroup::TaskGroup(std::size_t limit) : Timer(&TaskGroup::woken), limit_(limit) {
  if (limit == 0) throw std::invalid_argument("TaskGroup: the limit must be positive");
}

TaskGroup::~TaskGroup() {
  cancel(none);
  if (armed()) context_->loop.disarm(*this);
}

TaskGroup::Waiter::~Waiter() {
  if (waiting_) std::erase(group_.waiters_, this);
}

std::coroutine_handle<> TaskGroup::Waiter::suspend(std::coroutine_handle<> waiting, Context& context) {
  group_.context_ = &context;
  if (context.parks()) return std::noop_coroutine();
  if (group_.may_go_on(*this)) return waiting;
  waiting_ = waiting;
  group_.waiters_.push_back(this);
  return std::noop_coroutine();
}

bool TaskGroup::may_go_on(const Waiter& waiter) const {
  if (failed_) return false;
  return thrown_ || (waiter.for_place_ ? running_ < limit_ : running_ == 0);
}

void TaskGroup::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void TaskGroup::start(task<> child, std::size_t number) {
  for (const auto each : ended_) children_.erase(each);
  ended_.clear();
  Child& added = children_.emplace_back(Child{.frame = std::move(child), .number = number});
  ++running_;
  ++starting_;
  added.frame.start(*context_);
  --starting_;
}

std::coroutine_handle<> TaskGroup::child_ended(std::size_t child, std::exception_ptr thrown) {
  ended_.push_back(std::ranges::find(children_, child, &Child::number));
  --running_;
  if (thrown && !thrown_) {
    thrown_ = std::move(thrown);
    failed_ = true;
  }
  if (starting_ > 0) {
    wake_later();
    return std::noop_coroutine();
  }
  if (std::exchange(failed_, false)) cancel(child);
  if (const auto waiting = next()) {
    if (!waiters_.empty()) wake_later();
    return waiting;
  }
  // Of a user who is to stop the others may be parked already: then this was the last thing to wait for.
  context_->park();
  return std::noop_coroutine();
}

/// Takes the first one that may go on out of the queue. A user who is to stop begins nothing more.
std::coroutine_handle<> TaskGroup::next() {
  const auto found = std::ranges::find_if(waiters_, [this](const Waiter* waiter) {
    return may_go_on(*waiter) && !(waiter->for_place_ && context_->cancelled && !thrown_);
  });
  if (found == waiters_.end()) return {};
  Waiter& waiter = **found;
  waiters_.erase(found);
  return std::exchange(waiter.waiting_, {});
}

void TaskGroup::cancel(std::size_t but) {
  running_ = 0;
  ended_.clear();
  children_.remove_if([but](const Child& each) { return each.number != but; });
  if (!children_.empty()) ended_.push_back(children_.begin());
}

void TaskGroup::wake_later() {
  if (!armed()) context_->loop.arm(*this, context_->loop.now());
}

void TaskGroup::woken(Timer& timer) {
  auto& group = static_cast<TaskGroup&>(timer);
  if (std::exchange(group.failed_, false)) group.cancel(none);
  const auto waiting = group.next();
  if (!waiting) {
    group.context_->park();
    return;
  }
  if (!group.waiters_.empty()) group.wake_later();
  waiting.resume();
}

}  // namespace katydid
