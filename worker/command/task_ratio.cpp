#include "worker/command/task_ratio.hpp"

#include "worker/user/task_set.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace katydid {
namespace {

using Above = std::vector<const TaskSetClass*>;

/// A task set within itself is not followed.
Value ratios_of(const std::vector<TaskDefinition>& tasks, double all, bool total, Above& above) {
  int weights = 0;
  for (const TaskDefinition& task : tasks) weights += task.weight;
  Value out = Value::object();
  for (const TaskDefinition& task : tasks) {
    const double ratio = (total ? all : 1.0) * task.weight / weights;
    Value entry = json{{"ratio", ratio}};
    if (task.set && std::ranges::find(above, task.set) == above.end()) {
      above.push_back(task.set);
      entry.set("tasks", ratios_of(task.set->tasks, ratio, total, above));
      above.pop_back();
    }
    out.set(task.short_name(), std::move(entry));
  }
  return out;
}

Value ratios(const std::vector<const UserClass*>& classes, std::optional<int> users, bool total) {
  int fixed = 0;
  double weights = 0;
  for (const UserClass* each : classes) {
    fixed += each->fixed_count;
    if (each->fixed_count == 0) weights += each->weight;
  }
  const double wanted = users ? *users : (fixed == 0 ? weights : 1);
  const double weighted = std::max(0.0, wanted - fixed);
  std::vector<double> counts;
  double sum = 0;
  for (const UserClass* each : classes) {
    const double share = weights > 0 ? each->weight / weights * weighted : 0;
    counts.push_back(each->fixed_count > 0 ? each->fixed_count : std::nearbyint(share));
    sum += counts.back();
  }
  Value out = Value::object();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double ratio = counts[i] / std::max(1.0, sum);
    Above above;
    Value entry = json{{"ratio", ratio}};
    entry.set("tasks", ratios_of(classes[i]->tasks, ratio, total, above));
    out.set(classes[i]->name, std::move(entry));
  }
  return out;
}

void append(std::string& out, const Value& ratios, std::size_t level) {
  const std::string padding(2 * level, ' ');
  for (const auto& [name, entry] : ratios.as_object()) {
    char percent[16];
    std::snprintf(percent, sizeof percent, "%-6.1f", entry["ratio"].as_double() * 100);
    char line[256];
    std::snprintf(line, sizeof line, " %-10s %-50s\n", (padding + percent).c_str(),
                  (padding + name.as_string()).c_str());
    out += line;
    if (const Value* tasks = entry.find("tasks")) append(out, *tasks, level + 1);
  }
}

}  // namespace

std::string task_ratio_text(const std::vector<const UserClass*>& classes, std::optional<int> users) {
  const std::string line = std::string(80, '-') + "\n";
  std::string out = "\n Task ratio per User class\n" + line;
  append(out, ratios(classes, users, false), 0);
  out += "\n Total task ratio\n" + line;
  append(out, ratios(classes, users, true), 0);
  return out;
}

Value task_ratio_json(const std::vector<const UserClass*>& classes, std::optional<int> users) {
  Value out = Value::object();
  out.set("per_class", ratios(classes, users, false));
  out.set("total", ratios(classes, users, true));
  return out;
}

}  // namespace katydid
