#include "worker/user/task_set.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace katydid {

namespace {

void check_markov(const TaskSetClass& set, void (*warn)(const std::string& what)) {
  const auto find = [&set](std::string_view name) { return std::ranges::find(set.tasks, name, &TaskDefinition::name); };
  const std::string name(short_name_of(set.name));
  if (!set.tags.empty() || std::ranges::any_of(set.tasks, [](const auto& task) { return !task.tags.empty(); })) {
    throw std::runtime_error(
        "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid: " + name + " has some");
  }
  for (const TaskDefinition& task : set.tasks) {
    if (task.transitions.empty()) {
      throw std::runtime_error(name + "." + std::string(task.short_name()) +
                               " defines no transitions, so nothing could follow it: add .transition<…>() behind it");
    }
    int total = 0;
    for (const auto& [to, weight] : task.transitions) {
      total += weight;
      if (find(to) == set.tasks.end()) {
        throw std::runtime_error("Transition to " + std::string(short_name_of(to)) + " from " +
                                 std::string(task.short_name()) + " is invalid since no such task exists on " + name +
                                 ": add it to KATYDID_TASK_SET(" + name + ") with .task<…>()");
      }
    }
    if (total == 0) {
      throw std::runtime_error("All transitions of " + name + "." + std::string(task.short_name()) +
                               " have the weight 0, so nothing could follow it");
    }
  }
  std::set<std::string_view> reached{set.tasks.front().name};
  std::vector<std::string_view> open{set.tasks.front().name};
  while (!open.empty()) {
    const TaskDefinition& task = *find(open.back());
    open.pop_back();
    for (const auto& [to, weight] : task.transitions) {
      if (weight > 0 && reached.insert(to).second) open.push_back(to);
    }
  }
  for (const TaskDefinition& task : set.tasks) {
    if (!reached.contains(task.name)) {
      warn("The markov task " + std::string(task.short_name()) + " is unreachable in class " + name);
    }
  }
}

void check(const TaskSetClass& set, void (*warn)(const std::string& what), std::set<const TaskSetClass*>& checked) {
  if (!checked.insert(&set).second) return;
  if (set.tasks.empty()) {
    const std::string name(short_name_of(set.name));
    throw std::runtime_error("No tasks defined on the task set " + name + ": add them with KATYDID_TASK_SET(" + name +
                             ").task<&" + name + "::name>()");
  }
  if (set.order == TaskOrder::markov) check_markov(set, warn);
  for (const TaskDefinition& task : set.tasks) {
    if (task.set) check(*task.set, warn, checked);
  }
}

}  // namespace

void AnyTaskSet::schedule(const TaskDefinition& scheduled, bool first) {
  scheduled_.insert(first ? scheduled_.begin() : scheduled_.end(), &scheduled);
}

const TaskDefinition* AnyTaskSet::next_scheduled() {
  if (scheduled_.empty()) return nullptr;
  const TaskDefinition* const next = scheduled_.front();
  scheduled_.erase(scheduled_.begin());
  return next;
}

void TaskSetClass::set_wait(WaitTime wait_time) { wait = std::move(wait_time); }

std::vector<const TaskDefinition*> TaskSetClass::tasks_in(const TestSettings& settings) const {
  if (order != TaskOrder::markov) return tasks_with_tags(tasks, tags, settings);
  std::vector<const TaskDefinition*> all;
  all.reserve(tasks.size());
  for (const TaskDefinition& task : tasks) all.push_back(&task);
  return all;
}

void TaskSetClass::check(void (*warn)(const std::string& what)) const {
  std::set<const TaskSetClass*> checked;
  katydid::check(*this, warn, checked);
}

}  // namespace katydid
