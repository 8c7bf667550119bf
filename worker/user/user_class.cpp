#include "worker/user/user_class.hpp"

#include "worker/user/hooks.hpp"

#include <algorithm>

namespace katydid {

std::vector<const UserClass::Task*> UserClass::tasks_in(const TestSettings& settings) const {
  auto left = tasks_with_tags(tasks, {}, settings);
  const auto edit = settings.class_edits.find(name);
  if (edit == settings.class_edits.end() || !edit->second.tasks) return left;
  const auto& picked = *edit->second.tasks;
  std::erase_if(left, [&](const Task* task) { return std::ranges::find(picked, task->short_name()) == picked.end(); });
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

UserClass* UserClass::find_registered(std::string_view name) {
  const auto found = std::ranges::find_if(registered(), [&](const auto& each) { return each->name == name; });
  return found == registered().end() ? nullptr : found->get();
}

std::string UserClass::registered_names() {
  std::string names;
  for (const auto& each : registered()) names += (names.empty() ? "" : ", ") + each->name;
  return names.empty() ? "none" : names;
}

Hooks& Hooks::registered() {
  static Hooks hooks;
  return hooks;
}

}  // namespace katydid
