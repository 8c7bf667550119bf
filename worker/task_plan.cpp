#include "worker/task_plan.hpp"

#include "worker/user/random.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace katydid {
namespace {

int ticket_of(int total_weight) { return std::uniform_int_distribution<int>(0, total_weight - 1)(random_source()); }

}  // namespace

TaskChoice::TaskChoice(std::vector<const TaskDefinition*> tasks) : tasks_(std::move(tasks)) {
  for (const TaskDefinition* task : tasks_) total_weight_ += task->weight;
}

const TaskDefinition& TaskChoice::at_random() const {
  if (tasks_.size() == 1) return *tasks_.front();
  int ticket = ticket_of(total_weight_);
  for (const TaskDefinition* task : tasks_) {
    ticket -= task->weight;
    if (ticket < 0) return *task;
  }
  return *tasks_.back();
}

const TaskDefinition& TaskChoice::in_order(std::size_t& place) const {
  auto turn = static_cast<int>(place % static_cast<std::size_t>(total_weight_));
  ++place;
  for (const TaskDefinition* task : tasks_) {
    turn -= task->weight;
    if (turn < 0) return *task;
  }
  return *tasks_.back();
}

const TaskDefinition& TaskChoice::by_transition(std::size_t& place) const {
  const TaskDefinition& task = *tasks_[place];
  int total = 0;
  for (const auto& [name, weight] : task.transitions) total += weight;
  int ticket = ticket_of(total);
  for (const auto& [name, weight] : task.transitions) {
    ticket -= weight;
    if (ticket >= 0) continue;
    const auto next = std::ranges::find(tasks_, name, &TaskDefinition::name);
    place = static_cast<std::size_t>(next - tasks_.begin());
    break;
  }
  return task;
}

const TaskChoice& TaskPlan::of(const TaskSetClass& set, const TestSettings& settings) {
  const auto known = known_.find(&set);
  return known != known_.end() ? known->second : known_.emplace(&set, TaskChoice(set.tasks_in(settings))).first->second;
}

}  // namespace katydid
