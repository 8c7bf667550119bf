#include "worker/command/user_config.hpp"

#include "base/bad_value.hpp"
#include "base/value.hpp"
#include "worker/command/config_files.hpp"
#include "worker/user/user_class.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string_view>

namespace katydid {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::runtime_error("--config-users: " + why); }

int number_of(const Value& value, const std::string& what) {
  constexpr std::int64_t most = 1'000'000'000;
  if (!value.is_int() || value.as_int() < 0 || value.as_int() > most) refuse(what + " must be a whole number from 0");
  return static_cast<int>(value.as_int());
}

/// The tasks that each class had before.
using Originals = std::map<const UserClass*, std::vector<TaskDefinition>>;

void keep_tasks(UserClass& changed, const Value& names, Originals& originals) {
  changed.tasks = originals.try_emplace(&changed, changed.tasks).first->second;
  if (!names.is_array()) refuse("tasks must be a list of names");
  std::vector<std::string> kept;
  for (const Value& name : names.as_array()) {
    if (!name.is_string()) refuse("tasks must be a list of names");
    kept.push_back(name.as_string());
    if (std::ranges::find(changed.tasks, kept.back(), &TaskDefinition::short_name) == changed.tasks.end()) {
      refuse("the class " + changed.name + " has no task " + kept.back());
    }
  }
  std::erase_if(changed.tasks,
                [&](const TaskDefinition& task) { return std::ranges::find(kept, task.short_name()) == kept.end(); });
}

void apply(const Value& config, Originals& originals) {
  const std::string& name = config["user_class_name"].as_string();
  UserClass* const found = UserClass::find_registered(name);
  if (!found) refuse("the locustfile has no user class " + name);
  UserClass& changed = *found;
  for (const auto& [key, value] : config.as_object()) {
    const std::string& what = key.as_string();
    if (what == "user_class_name") continue;
    if (what == "host") {
      if (!value.is_string()) refuse("host must be a text");
      changed.host = value.as_string();
    } else if (what == "weight") {
      changed.weight = number_of(value, what);
    } else if (what == "fixed_count") {
      changed.fixed_count = number_of(value, what);
    } else if (what == "tasks") {
      keep_tasks(changed, value, originals);
    } else {
      refuse("a user class has no '" + what + "': choose from host, weight, fixed_count, tasks");
    }
  }
}

/// What a text says, as an array. Throws BadValue.
Value parsed(const std::string& text) {
  Value all = Value::array();
  const auto add = [&all](const Value& config) {
    const Value* const name = config.is_object() ? config.find("user_class_name") : nullptr;
    if (!name || !name->is_string()) throw BadValue("the user config must specify a user_class_name: " + config.dump());
    all.push_back(config);
  };
  const std::string json = text.ends_with(".json") ? read_config_file(text) : text;
  try {
    const Value config = Value::parse(json);
    if (!config.is_array()) {
      add(config);
    } else {
      for (const Value& each : config.as_array()) add(each);
    }
  } catch (const BadValue&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw BadValue("'" + text + "' is no valid JSON, and no .json file: " + error.what());
  }
  return all;
}

void equal_weights(std::vector<TaskDefinition>& tasks, std::set<const TaskSetClass*>& done) {
  for (TaskDefinition& task : tasks) {
    task.weight = 1;
    if (task.set && done.insert(task.set).second && task.set->order == TaskOrder::random) {
      equal_weights(task.set->tasks, done);
    }
  }
}

}  // namespace

void apply_user_config(const std::vector<std::string>& texts) {
  Originals originals;
  for (const std::string& text : texts) {
    const Value all = parsed(text);
    for (const Value& each : all.as_array()) apply(each, originals);
  }
}

void check_user_config(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) parsed(text);
}

void equal_weights() {
  std::set<const TaskSetClass*> done;
  for (auto& each : UserClass::registered()) {
    each->weight = 1;
    equal_weights(each->tasks, done);
  }
}

}  // namespace katydid
