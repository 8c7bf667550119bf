#include "worker/locustfile/master_locustfile.hpp"

#include "base/value.hpp"
#include "worker/user/arguments.hpp"

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

/// The arguments that the locustfile adds, for the master's command line and its page.
void write_arguments(std::string& text, const ArgumentParser& parser) {
  if (parser.arguments().empty()) return;
  text += "\n\n@events.init_command_line_parser.add_listener\ndef add_arguments(parser):\n";
  const auto quoted = [](std::string_view words) { return Value(words).dump(); };
  for (const Argument& argument : parser.arguments()) {
    const auto& options = argument.options;
    text += "    parser.add_argument(";
    for (std::string_view names = argument.names; !names.empty();) {
      const auto comma = std::min(names.find(','), names.size());
      text += quoted(names.substr(0, comma)) + ", ";
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
    const Value& value = options.default_value;
    if (value.is_bool()) {
      text += "action=\"store_true\"";
    } else {
      text += "type=" + std::string(value.is_int() ? "int" : value.is_double() ? "float" : "str");
      text += ", default=" + (value.is_null() ? "None" : value.dump());
    }
    if (!options.help.empty()) text += ", help=" + quoted(options.help);
    if (!options.env_var.empty()) text += ", env_var=" + quoted(options.env_var);
    if (!options.choices.empty()) text += ", choices=" + Value(options.choices).dump();
    if (options.required) text += ", required=True";
    if (options.is_required) text += ", is_required=True";
    if (options.is_secret) text += ", is_secret=True";
    if (!options.include_in_web_ui) text += ", include_in_web_ui=False";
    text += ")\n";
  }
}

}  // namespace

std::string master_locustfile(const std::vector<const UserClass*>& classes, const std::vector<ShippedFile>& files) {
  std::string text;
  write_arguments(text, ArgumentParser::of_listeners());
  for (const UserClass* user_class : classes) {
    text += "\n\nclass " + user_class->name + "(User):\n";
    text += "    weight = " + std::to_string(user_class->weight) + "\n";
    if (user_class->fixed_count > 0) text += "    fixed_count = " + std::to_string(user_class->fixed_count) + "\n";
    if (!user_class->host.empty()) text += "    host = " + Value(user_class->host).dump() + "\n";
    std::vector<const TaskSetClass*> above;
    write_tasks(text, user_class->tasks, {}, "    ", above);
  }
  const std::string shipping =
      files.empty() ? std::string()
                    : "\n\n# For workers that are started with `katydid -f -`: what they compile and run.\n" +
                          shipped_as_comments(files);
  const auto import_if = [&text](const char* use, const char* name) {
    return text.find(use) != text.npos ? std::string(name) : std::string();
  };
  return "# The user classes of a Katydid worker, for its master: `katydid --master-locustfile` wrote this.\n"
         "#   locust --master -f THIS_FILE\n"
         "from locust import " +
         import_if("(SequentialTaskSet):", "SequentialTaskSet, ") + import_if("(TaskSet):", "TaskSet, ") + "User, " +
         import_if("@events.", "events, ") + "tag, task\n" + text + shipping;
}

}  // namespace katydid
