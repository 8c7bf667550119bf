#pragma once

#include "worker/user/user_class.hpp"

#include <cstddef>
#include <map>
#include <vector>

namespace katydid {

/// Tasks to choose from: those of a user class or of a task set that a test's tags leave.
class TaskChoice {
 public:
  explicit TaskChoice(std::vector<const TaskDefinition*> tasks = {});
  bool empty() const { return tasks_.empty(); }
  /// The one that there is, where there is no choice; else nullptr.
  const TaskDefinition* only() const { return tasks_.size() == 1 ? tasks_.front() : nullptr; }
  /// By chance, as the weights say.
  const TaskDefinition& at_random() const;
  /// Counted round, each as often as its weight says; `place` is moved on.
  const TaskDefinition& in_order(std::size_t& place) const;
  /// The one at `place`; `place` becomes that of the one that its transitions choose.
  const TaskDefinition& by_transition(std::size_t& place) const;

 private:
  std::vector<const TaskDefinition*> tasks_;
  int total_weight_ = 0;
};

/// What one test's settings leave of the task sets. Not thread-safe: each shard has its own.
class TaskPlan {
 public:
  /// For other settings.
  void clear() { known_.clear(); }
  const TaskChoice& of(const TaskSetClass& set, const TestSettings& settings);

 private:
  std::map<const TaskSetClass*, TaskChoice> known_;
};

}  // namespace katydid
