#include "worker/user/task_set.hpp"

#include "worker/task_plan.hpp"
#include "worker/user/environment.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace katydid;

namespace {

std::vector<std::string> warnings;
void warn(const std::string& what) { warnings.push_back(what); }

TaskDefinition named(std::string name, std::vector<std::pair<std::string, int>> transitions = {}) {
  return {.name = std::move(name), .transitions = std::move(transitions)};
}

TaskDefinition nested(TaskSetClass& set) { return {.name = set.name, .set = &set}; }

std::string names(const std::vector<const TaskDefinition*>& tasks) {
  std::string all;
  for (const auto* task : tasks) all += task->name + " ";
  return all;
}

void check(const TaskSetClass& set, const char* message) {
  warnings.clear();
  CHECK_THROWS_WITH_AS(set.check(warn), message, std::runtime_error);
}

}  // namespace

TEST_CASE("a task set without tasks is refused, however deep") {
  TaskSetClass empty{.name = "Shop::Empty"};
  const char* message =
      "No tasks defined on the task set Empty: add them with KATYDID_TASK_SET(Empty).task<&Empty::name>()";
  check(empty, message);
  TaskSetClass outer{.name = "Outer", .tasks = {named("a"), nested(empty)}};
  check(outer, message);
}

TEST_CASE("a markov chain must be whole") {
  TaskSetClass walk{.name = "Walk", .order = TaskOrder::markov, .tasks = {named("Walk::a"), named("Walk::b")}};
  check(walk, "Walk.a defines no transitions, so nothing could follow it: add .transition<…>() behind it");
  walk.tasks = {named("Walk::a", {{"Walk::c", 1}})};
  check(walk,
        "Transition to c from a is invalid since no such task exists on Walk: add it to KATYDID_TASK_SET(Walk) with "
        ".task<…>()");
  walk.tasks = {named("Walk::a", {{"Walk::a", 0}})};
  check(walk, "All transitions of Walk.a have the weight 0, so nothing could follow it");
  walk.tasks = {named("Walk::a", {{"Walk::a", 1}})};
  walk.tags = {"slow"};
  check(walk, "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid: Walk has some");
}

TEST_CASE("what cannot be reached is only odd") {
  const TaskSetClass walk{.name = "Walk",
                          .order = TaskOrder::markov,
                          .tasks = {named("Walk::a", {{"Walk::b", 1}, {"Walk::c", 0}}),
                                    named("Walk::b", {{"Walk::a", 1}}), named("Walk::c", {{"Walk::a", 1}})}};
  warnings.clear();
  walk.check(warn);
  CHECK(warnings == std::vector<std::string>{"The markov task c is unreachable in class Walk"});
}

TEST_CASE("a task set may be within itself") {
  TaskSetClass set{.name = "Set", .tasks = {named("a")}};
  set.tasks.push_back(nested(set));
  set.check(warn);
  CHECK(names(set.tasks_in({})) == "a Set ");
  set.tasks.front().tags = {"x"};
  CHECK(names(set.tasks_in({.tags = {"x"}})) == "a Set ");
  CHECK(names(set.tasks_in({.tags = {"y"}})).empty());
}

TEST_CASE("tags of a set are those of its own tasks, and leave a markov chain whole") {
  TaskSetClass inner{.name = "Inner", .tasks = {named("i")}};
  TaskSetClass outer{.name = "Outer", .tasks = {named("o"), nested(inner)}, .tags = {"x"}};
  CHECK(names(outer.tasks_in({.tags = {"x"}})) == "o ");
  CHECK(names(outer.tasks_in({.exclude_tags = {"x"}})) == "Inner ");
  TaskSetClass walk{.name = "Walk", .order = TaskOrder::markov, .tasks = {named("w")}};
  outer.tasks.push_back(nested(walk));
  CHECK(names(outer.tasks_in({.tags = {"none"}})) == "Walk ");
}

TEST_CASE("in order, each task comes as often as its weight says") {
  const TaskDefinition a{.name = "a", .weight = 2}, b{.name = "b"};
  const TaskChoice choice({&a, &b});
  std::size_t place = 0;
  std::string seen;
  for (int i = 0; i < 7; ++i) seen += choice.in_order(place).name;
  CHECK(seen == "aabaaba");
}
