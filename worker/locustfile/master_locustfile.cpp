#include "worker/locustfile/master_locustfile.hpp"

#include "base/value.hpp"

namespace katydid {

std::string master_locustfile(const std::vector<const UserClass*>& classes) {
  std::string text =
      "# The user classes of a Katydid worker, for its master: `katydid --master-locustfile` wrote this.\n"
      "#   locust --master -f THIS_FILE\n"
      "from locust import User, tag, task\n";
  for (const UserClass* user_class : classes) {
    text += "\n\nclass " + user_class->name + "(User):\n";
    text += "    weight = " + std::to_string(user_class->weight) + "\n";
    if (user_class->fixed_count > 0) text += "    fixed_count = " + std::to_string(user_class->fixed_count) + "\n";
    // JSON's string is Python's too.
    if (!user_class->host.empty()) text += "    host = " + Value(user_class->host).dump() + "\n";
    int number = 0;
    for (const UserClass::Task& task : user_class->tasks) {
      std::string name(task.short_name());
      // Two bases may have tasks of the same name.
      for (const UserClass::Task& other : user_class->tasks) {
        if (&other != &task && other.short_name() == name) name += "_" + std::to_string(++number);
      }
      text += "\n";
      if (!task.tags.empty()) {
        std::string tags;
        for (const auto& each : task.tags) tags += (tags.empty() ? "" : ", ") + Value(each).dump();
        text += "    @tag(" + tags + ")\n";
      }
      text += "    @task" + (task.weight == 1 ? "" : "(" + std::to_string(task.weight) + ")") + "\n";
      text += "    def " + name + "(self):\n";
      text += "        raise NotImplementedError(\"this user class runs on Katydid workers\")\n";
    }
  }
  return text;
}

}  // namespace katydid
