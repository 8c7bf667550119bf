#include "worker/user/task_definition.hpp"

#include "worker/user/environment.hpp"
#include "worker/user/task_set.hpp"

#include <algorithm>

namespace katydid {
namespace {

bool any_of(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(tags,
                             [&](const std::string& tag) { return std::ranges::find(wanted, tag) != wanted.end(); });
}

using TaskSets = std::vector<const TaskSetClass*>;

/// A task set within itself, which is in `above`, adds nothing.
std::vector<const TaskDefinition*> left_of(const std::vector<TaskDefinition>& tasks,
                                           const std::vector<std::string>& set_tags, const TestSettings& settings,
                                           TaskSets& above) {
  const auto set_passes = [&](const TaskSetClass& set) {
    if (set.order == TaskOrder::markov) return true;
    if (std::ranges::find(above, &set) != above.end()) return false;
    above.push_back(&set);
    const bool passes = !left_of(set.tasks, set.tags, settings, above).empty();
    above.pop_back();
    return passes;
  };
  const auto passes = [&](const TaskDefinition& task) {
    if (task.set) return set_passes(*task.set);
    const bool wanted = settings.tags.empty() || any_of(task.tags, settings.tags) || any_of(set_tags, settings.tags);
    return wanted && !any_of(task.tags, settings.exclude_tags) && !any_of(set_tags, settings.exclude_tags);
  };
  const bool all = settings.tags.empty() && settings.exclude_tags.empty();
  std::vector<const TaskDefinition*> left;
  for (const TaskDefinition& task : tasks) {
    if (all || passes(task)) left.push_back(&task);
  }
  return left;
}

}  // namespace

std::vector<const TaskDefinition*> tasks_with_tags(const std::vector<TaskDefinition>& tasks,
                                                   const std::vector<std::string>& set_tags,
                                                   const TestSettings& settings) {
  TaskSets above;
  return left_of(tasks, set_tags, settings, above);
}

}  // namespace katydid
