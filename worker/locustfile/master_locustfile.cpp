#include "worker/locustfile/master_locustfile.hpp"

#include "base/value.hpp"

#include <algorithm>

namespace katydid {
namespace {

/// Task sets within `above` are left out, as Python could not write them either.
void write_tasks(std::string& text, const std::vector<TaskDefinition>& tasks, const std::vector<std::string>& set_tags,
                 const std::string& indent, std::vector<const TaskSetClass*>& above) {
  int number = 0;
  for (const TaskDefinition& task : tasks) {
    if (task.set && std::ranges::find(above, task.set) != above.end()) continue;
    std::string name(task.short_name());
    // Two bases may have tasks of the same name.
    for (const TaskDefinition& other : tasks) {
      if (&other != &task && other.short_name() == name) name += "_" + std::to_string(++number);
    }
    std::vector<std::string> tags;
    if (!task.set) {
      tags = task.tags;
      tags.insert(tags.end(), set_tags.begin(), set_tags.end());
    }
    if (!text.ends_with(":\n")) text += "\n";
    if (!tags.empty()) {
      std::string list;
      for (const auto& each : tags) list += (list.empty() ? "" : ", ") + Value(each).dump();  // JSON's is Python's too
      text += indent + "@tag(" + list + ")\n";
    }
    text += indent + "@task" + (task.weight == 1 ? "" : "(" + std::to_string(task.weight) + ")") + "\n";
    if (task.set) {
      const bool in_order = task.set->order == TaskOrder::sequential;
      text += indent + "class " + name + (in_order ? "(SequentialTaskSet):\n" : "(TaskSet):\n");
      above.push_back(task.set);
      write_tasks(text, task.set->tasks, task.set->tags, indent + "    ", above);
      above.pop_back();
    } else {
      text += indent + "def " + name + "(self):\n";
      text += indent + "    raise NotImplementedError(\"this user class runs on Katydid workers\")\n";
    }
  }
}

}  // namespace

std::string master_locustfile(const std::vector<const UserClass*>& classes) {
  std::string text =
      "# The user classes of a Katydid worker, for its master: `katydid --master-locustfile` wrote this.\n"
      "#   locust --master -f THIS_FILE\n"
      "from locust import SequentialTaskSet, TaskSet, User, tag, task\n";
  for (const UserClass* user_class : classes) {
    text += "\n\nclass " + user_class->name + "(User):\n";
    text += "    weight = " + std::to_string(user_class->weight) + "\n";
    if (user_class->fixed_count > 0) text += "    fixed_count = " + std::to_string(user_class->fixed_count) + "\n";
    if (!user_class->host.empty()) text += "    host = " + Value(user_class->host).dump() + "\n";
    std::vector<const TaskSetClass*> above;
    write_tasks(text, user_class->tasks, {}, "    ", above);
  }
  return text;
}

}  // namespace katydid
