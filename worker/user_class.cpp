#include "worker/user_class.hpp"

#include "worker/hooks.hpp"

#include <algorithm>

namespace katydid {
namespace {

bool any_of(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(tags,
                             [&](const std::string& tag) { return std::ranges::find(wanted, tag) != wanted.end(); });
}

}  // namespace

std::vector<const UserClass::Task*> UserClass::tasks_tagged(const std::vector<std::string>& tags,
                                                            const std::vector<std::string>& exclude_tags) const {
  std::vector<const Task*> left;
  for (const Task& task : tasks) {
    if (!tags.empty() && !any_of(task.tags, tags)) continue;
    if (any_of(task.tags, exclude_tags)) continue;
    left.push_back(&task);
  }
  return left;
}

std::vector<std::unique_ptr<UserClass>>& UserClass::registered() {
  static std::vector<std::unique_ptr<UserClass>> classes;
  return classes;
}

Hooks& Hooks::registered() {
  static Hooks hooks;
  return hooks;
}

}  // namespace katydid
