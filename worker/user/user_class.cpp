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

UserClass& UserClass::add(std::string_view name, std::unique_ptr<User> (*make)()) {
  auto& added = registered().emplace_back(std::make_unique<UserClass>());
  added->name = name;
  added->make = make;
  return *added;
}

void UserClass::set_wait(WaitTime wait_time) { wait = std::move(wait_time); }

void UserClass::set_arrival_rate(const ArrivalRate& rate) { arrival_rate = rate; }

UserClass* UserClass::find_registered(std::string_view name) {
  const auto found = std::ranges::find_if(registered(), [&](const auto& each) { return each->name == name; });
  return found == registered().end() ? nullptr : found->get();
}

std::string UserClass::registered_names() {
  std::string names;
  for (const auto& each : registered()) names += (names.empty() ? "" : ", ") + each->name;
  return names.empty() ? "none" : names;
}

TaskList::TaskList(std::string what, std::vector<TaskDefinition>& tasks) : what_(std::move(what)), tasks_(&tasks) {}

void TaskList::require(bool holds, const char* what) const {
  if (!holds) throw std::invalid_argument(what_ + ": " + what);
}

void TaskList::add(std::string name, task<> (*run)(TaskOwner&), int weight, const TaskOptions& options) {
  add({.name = std::move(name), .run = run, .weight = weight, .tags = options.tags});
}

void TaskList::add(TaskSetClass& set, int weight, const TaskOptions& options) {
  set.tags.insert(set.tags.end(), options.tags.begin(), options.tags.end());
  add({.name = set.name, .weight = weight, .set = &set});
}

void TaskList::add(TaskDefinition&& added) {
  require(added.weight > 0, "a task's weight must be positive");
  tasks_->push_back(std::move(added));
}

void TaskList::add_transition(std::string to, int weight) {
  require(!tasks_->empty(), "a transition stands behind the task that it leaves");
  require(weight >= 0, "a transition's weight must not be negative");
  tasks_->back().transitions.emplace_back(std::move(to), weight);
}

Hooks& Hooks::registered() {
  static Hooks hooks;
  return hooks;
}

}  // namespace katydid
