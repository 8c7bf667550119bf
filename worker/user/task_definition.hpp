#pragma once

#include "base/task.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid {

class TaskOwner;
struct TaskSetClass;
struct TestSettings;

struct TaskOptions {
  std::vector<std::string> tags{};  ///< Locust's @tag; of a task set, they are those of all of its tasks
};

/// "browse" of "Shopper::browse".
inline std::string_view short_name_of(std::string_view name) { return name.substr(name.rfind(':') + 1); }

/// A task of a user class or of a task set: a coroutine, or a task set within it.
struct TaskDefinition {
  std::string name;                                        ///< "Shopper::browse"
  task<> (*run)(TaskOwner& owner) = nullptr;               ///< nullptr for a task set
  int weight = 1;                                          ///< its share of the picks
  std::vector<std::string> tags{};                         //
  TaskSetClass* set = nullptr;                             ///< nullptr for a coroutine
  std::vector<std::pair<std::string, int>> transitions{};  ///< of a MarkovTaskSet: names and weights of what may follow

  /// "browse", the name that the master knows it by.
  std::string_view short_name() const { return short_name_of(name); }
};

/// What tags leave of `tasks`: Locust's filter_tasks_by_tags. `set_tags` count as tags of each.
std::vector<const TaskDefinition*> tasks_with_tags(const std::vector<TaskDefinition>& tasks,
                                                   const std::vector<std::string>& set_tags,
                                                   const TestSettings& settings);

namespace detail {

template <class Member>
struct TaskOwnerOf;
template <class T>
struct TaskOwnerOf<task<> (T::*)()> {
  using type = T;
};

template <auto Member, class T>
task<> run_member(TaskOwner& owner) {
  return (static_cast<T&>(owner).*Member)();
}

/// "Shopper::browse": what stands behind `key` in the compiler's own name for a function.
inline std::string name_after(std::string_view name, std::string_view key) {
  const auto start = name.find(key);
  if (start == name.npos) return "task";
  name.remove_prefix(start + key.size());
  name = name.substr(0, name.find_first_of(";]"));
  if (name.starts_with('&')) name.remove_prefix(1);
  for (std::string_view unnamed : {"{anonymous}::", "(anonymous namespace)::"}) {
    if (name.starts_with(unnamed)) name.remove_prefix(unnamed.size());
  }
  return std::string(name);
}

template <auto Member>
std::string member_name() {
  return name_after(__PRETTY_FUNCTION__, "Member = ");
}

template <class Type>
std::string type_name() {
  return name_after(__PRETTY_FUNCTION__, "Type = ");
}

}  // namespace detail

}  // namespace katydid
