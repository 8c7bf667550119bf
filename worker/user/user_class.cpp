#include "worker/user/user_class.hpp"

#include "worker/user/hooks.hpp"

#include <algorithm>

namespace katydid {
namespace {

bool any_of(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(tags,
                             [&](const std::string& tag) { return std::ranges::find(wanted, tag) != wanted.end(); });
}

}  // namespace

std::vector<const UserClass::Task*> UserClass::tasks_in(const TestSettings& settings) const {
  const auto edit = settings.class_edits.find(name);
  const auto* picked = edit != settings.class_edits.end() && edit->second.tasks ? &*edit->second.tasks : nullptr;
  std::vector<const Task*> left;
  for (const Task& task : tasks) {
    if (!settings.tags.empty() && !any_of(task.tags, settings.tags)) continue;
    if (any_of(task.tags, settings.exclude_tags)) continue;
    if (picked && std::ranges::find(*picked, task.short_name()) == picked->end()) continue;
    left.push_back(&task);
  }
  return left;
}

const std::string& UserClass::host_in(const TestSettings& settings) const {
  const auto edit = settings.class_edits.find(name);
  return edit != settings.class_edits.end() && edit->second.host ? *edit->second.host : host;
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
