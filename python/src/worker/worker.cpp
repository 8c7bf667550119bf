#include "python/src/worker/worker.hpp"

#include "base/bad_value.hpp"
#include "python/src/cpython/value.hpp"
#include "worker/command/arrival_options.hpp"
#include "worker/command/compare_runs.hpp"
#include "worker/command/config_files.hpp"
#include "worker/command/run_test.hpp"
#include "worker/command/task_ratio.hpp"
#include "worker/locustfile/master_locustfile.hpp"
#include "worker/log/log.hpp"
#include "worker/machine_watch.hpp"
#include "worker/request_file.hpp"
#include "worker/request_log.hpp"
#include "worker/user/environment.hpp"
#include "worker/user/hooks.hpp"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace katydid::python {
namespace {

constexpr log::Logger logger{"katydid.main"};

/// The command line, as parse_options() has read it, and where log lines are kept for the master.
struct OptionsObject {
  std::vector<std::string> arguments;
  Options options;
  std::shared_ptr<LogRecorder> recorder = std::make_shared<LogRecorder>();
};

/// Prints what there is to say, and raises SystemExit, where that is all that was asked for.
template <class Parse>
Options parse(const std::vector<std::string>& arguments, Parse&& parse) {
  std::vector<const char*> argv{"katydid"};
  for (const auto& each : arguments) argv.push_back(each.c_str());
  try {
    return parse(static_cast<int>(argv.size()), argv.data());
  } catch (const EarlyExit& exit) {
    const char* stream = exit.code() == 0 ? "stdout" : "stderr";
    nb::module_::import_("sys").attr(stream).attr("write")(exit.text());
    PyErr_SetObject(PyExc_SystemExit, nb::int_(exit.code()).ptr());
    throw nb::python_error();
  }
}

OptionsObject options_for_loading(std::vector<std::string> arguments) {
  Options options =
      parse(arguments, [](int argc, const char* const* argv) { return parse_options_for_loading(argc, argv); });
  return {.arguments = std::move(arguments), .options = std::move(options)};
}

/// (names, is a flag, help, env_var, choices, required, is_required, is_secret, include_in_web_ui)
using AddedArgument =
    std::tuple<std::string, bool, std::string, std::string, std::vector<std::string>, bool, bool, bool, bool>;

/// For the master's locustfile, too.
void complete(OptionsObject& self, const std::vector<AddedArgument>& added) {
  Hooks::registered().init_command_line_parser.emplace_back([added](ArgumentParser& parser) {
    for (const auto& [names, flag, help, env_var, choices, required, required_in_form, secret, shown] : added) {
      parser.add_argument(names, {.default_value = flag ? Value(false) : Value(),
                                  .help = help,
                                  .env_var = env_var,
                                  .choices = choices,
                                  .required = required,
                                  .is_required = required_in_form,
                                  .is_secret = secret,
                                  .include_in_web_ui = shown});
    }
  });
  self.options = parse(self.arguments, [](int argc, const char* const* argv) {
    return parse_options(argc, argv, process_variables(), default_config_files(), ArgumentParser::of_listeners());
  });
  for (const auto& warning : self.options.warnings) logger.warning("{}", warning);
}

/// What a file of options says, as far as it can be read.
ConfigValues read_config(const std::string& name) {
  try {
    return parse_config(name, read_config_file(name));
  } catch (const BadValue& error) {
    throw nb::value_error(error.what());
  }
}

std::string_view mode_name(const OptionsObject& self) {
  switch (self.options.mode) {
    case Mode::worker:
      return "worker";
    case Mode::headless:
      return "headless";
    case Mode::single_user:
      return "single_user";
    case Mode::list:
      return "list";
    case Mode::master_locustfile:
      return "master_locustfile";
    case Mode::task_ratio:
      return "task_ratio";
    case Mode::task_ratio_json:
      return "task_ratio_json";
    case Mode::compile:
      return "compile";
  }
  return "?";
}

void set_up_logging(const OptionsObject& self) {
  log::setup({.level = self.options.loglevel,
              .file = self.options.logfile,
              .skip = self.options.skip_log_setup,
              .recorder = self.recorder});
}

void write_log(std::string_view level, std::string_view name, std::string_view text) {
  log::Logger(name).log(log::level_from(level).value_or(log::Level::info), "{}", text);
}

/// (name, weight, tags, tasks, in order): tasks are None, or of a task set a list of the same.
std::vector<TaskDefinition> task_definitions(const nb::list& tasks) {
  std::vector<TaskDefinition> out;
  for (nb::handle each : tasks) {
    const auto task = nb::cast<nb::tuple>(each);
    TaskDefinition added{.name = nb::cast<std::string>(task[0]),
                         .weight = nb::cast<int>(task[1]),
                         .tags = nb::cast<std::vector<std::string>>(task[2])};
    if (!task[3].is_none()) {
      static std::vector<std::unique_ptr<TaskSetClass>> kept;  // as long as the classes
      added.set = kept.emplace_back(std::make_unique<TaskSetClass>()).get();
      added.set->name = added.name;
      added.set->order = nb::cast<bool>(task[4]) ? TaskOrder::sequential : TaskOrder::random;
      added.set->tasks = task_definitions(nb::cast<nb::list>(task[3]));
    }
    out.push_back(std::move(added));
  }
  return out;
}

void register_user_class(std::string name, int weight, int fixed_count, std::optional<std::string> host,
                         const nb::list& tasks, const std::optional<ArrivalRate>& arrival_rate) {
  auto added = std::make_unique<UserClass>();
  added->name = std::move(name);
  added->weight = weight;
  added->fixed_count = fixed_count;
  added->host = host.value_or("");
  added->tasks = task_definitions(tasks);
  added->arrival_rate = arrival_rate;
  UserClass::registered().push_back(std::move(added));
}

/// What JSON has no word for is shown as Python shows it.
Value context_from(nb::handle context) {
  try {
    return from_python(context);
  } catch (const nb::builtin_exception&) {
    return Value{{"repr", nb::cast<std::string>(nb::repr(context))}};
  }
}

/// Of a process whose worker is Locust's own.
std::optional<RequestFile>& own_request_log() {
  static std::optional<RequestFile> file;
  return file;
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

nb::list strings(const std::vector<std::string>& texts) {
  nb::list out;
  for (const auto& text : texts) out.append(text);
  return out;
}

/// What a callback of the host raises is logged: the control plane goes on.
template <class Call>
void guarded(std::string_view what, Call&& call) {
  try {
    call();
  } catch (nb::python_error& error) {
    logger.error("uncaught exception in {}: {}", what, error.what());
  }
}

}  // namespace

WorkerObject::WorkerObject(nb::object options, nb::object engine, nb::object statistics, nb::object host)
    : options_object_(std::move(options)),
      engine_object_(std::move(engine)),
      statistics_object_(std::move(statistics)),
      host_(std::move(host)),
      engine_(nb::cast<EngineObject&>(engine_object_)),
      shard_(std::make_shared<SharedShard>(engine_.loop(), nb::cast<StatisticsObject&>(statistics_object_).counts(),
                                           *this)) {
  static_cast<void>(nb::cast<OptionsObject&>(options_object_));
}

WorkerObject::~WorkerObject() { join(); }

void WorkerObject::join() {
  if (!thread_.joinable()) return;
  nb::gil_scoped_release released;
  thread_.join();
}

void WorkerObject::start() {
  if (thread_.joinable()) throw std::logic_error("this worker was started already");
  auto& parsed = nb::cast<OptionsObject&>(options_object_);
  Options options = parsed.options;
  options.processes = 1;
  options.event_loop = engine_.loop().kind();
  apply_arrival_rates(options.arrival_rates);
  const bool single = options.mode == Mode::single_user;
  auto classes = user_classes(single ? std::vector{options.single_user} : options.user_classes);
  engine_.loop().measure_lag();
  shard_->counts.restart_usage();
  auto& hooks = Hooks::registered();
  const auto telling = [this](const char* event) {
    return [this, event](Environment&) { guarded(event, [&] { host_.attr(event)(); }); };
  };
  hooks.init.emplace_back(telling("init"));
  hooks.test_start.emplace_back(telling("test_start"));
  hooks.test_stopping.emplace_back(telling("test_stopping"));
  hooks.test_stop.emplace_back(telling("test_stop"));
  hooks.quitting.emplace_back(telling("quitting"));
  hooks.spawning_complete.emplace_back([this](std::int64_t user_count) {
    guarded("spawning_complete", [&] { host_.attr("spawning_complete")(user_count); });
  });
  hooks.heartbeat_received.emplace_back([this](const HeartbeatEvent& heartbeat) {
    const std::chrono::duration<double> since_epoch = heartbeat.timestamp.time_since_epoch();
    guarded("heartbeat_received", [&] { host_.attr("heartbeat_received")(heartbeat.client_id, since_epoch.count()); });
  });
  hooks.usage_monitor.emplace_back([this](const UsageEvent& usage) {
    guarded("usage_monitor", [&] { host_.attr("usage_monitor")(usage.cpu_usage, usage.memory_usage); });
  });
  hooks.cpu_warning.emplace_back(
      [this](const UsageEvent& usage) { guarded("cpu_warning", [&] { host_.attr("cpu_warning")(usage.cpu_usage); }); });
  hooks.report_to_master.emplace_back([this](Value& data) {
    guarded("report_to_master", [&] { data = from_python(host_.attr("report_to_master")()); });
  });
  for (nb::handle type : host_.attr("message_types")()) {
    hooks.messages.insert_or_assign(nb::cast<std::string>(type), [this](const Message& message) {
      guarded("a message's listener", [&] { host_.attr("message")(message.type, to_python(message.data)); });
    });
  }
  thread_ = std::thread([this, options, classes = std::move(classes), recorder = parsed.recorder] {
    int code = 1;
    try {
      code = run_test(options, classes, recorder,
                      [this](const ShardOptions&) { return std::make_unique<HostedShard>(shard_); });
    } catch (const std::exception& error) {
      logger.error("{}", error.what());
    }
    shard_->loop.post([this, code] { guarded("finished", [&] { host_.attr("finished")(code); }); });
  });
}

void WorkerObject::begin_test(const TestSettings& settings) {
  guarded("begin_test", [&] {
    nb::dict edits;
    for (const auto& [name, edit] : settings.class_edits) {
      const nb::object host = edit.host ? nb::cast(*edit.host) : nb::none();
      const nb::object tasks = edit.tasks ? nb::object(strings(*edit.tasks)) : nb::none();
      edits[nb::cast(name)] = nb::make_tuple(host, tasks);
    }
    host_.attr("begin_test")(settings.host, strings(settings.tags), strings(settings.exclude_tags), edits);
  });
}

void WorkerObject::set_targets(const UserTargets& targets, const StopPolicy& policy) {
  guarded("set_targets", [&] {
    nb::dict counts;
    nb::dict parts, fleet;
    for (const auto& [name, count] : targets.users) counts[nb::cast(name)] = count;
    for (const auto& [name, part] : targets.parts) parts[nb::cast(name)] = part;
    for (const auto& [name, count] : targets.fleet) fleet[nb::cast(name)] = count;
    host_.attr("set_targets")(counts, seconds(policy.task), seconds(policy.drain), seconds(policy.on_stop), parts,
                              fleet);
  });
}

void WorkerObject::finish_hooks() {
  guarded("test_stop", [&] { host_.attr("finish_hooks")(); });
}

void bind_worker(nb::module_& m) {
  nb::class_<MachineWatch>(m, "MachineWatch")
      .def(nb::init<>())
      .def(
          "look", [](MachineWatch& self, bool users) { return self.look(users, MachineWatch::clock::now()); },
          nb::arg("users"));
  nb::class_<OptionsObject>(m, "Options")
      .def_prop_ro("mode", &mode_name)
      .def_prop_ro("locustfiles", [](const OptionsObject& self) { return self.options.locustfiles; })
      .def_prop_ro("user_classes", [](const OptionsObject& self) { return self.options.user_classes; })
      .def_prop_ro("config_users", [](const OptionsObject& self) { return self.options.config_users; })
      .def_prop_ro("equal_weights", [](const OptionsObject& self) { return self.options.equal_weights; })
      .def_prop_ro("users",
                   [](const OptionsObject& self) {
                     return self.options.users_given ? std::optional(self.options.users) : std::nullopt;
                   })
      .def_prop_ro("single_user", [](const OptionsObject& self) { return self.options.single_user; })
      .def_prop_ro("processes",
                   [](const OptionsObject& self) { return self.options.processes_given ? self.options.processes : 1; })
      .def(
          "arrival_rate",
          [](const OptionsObject& self, std::string_view user_class) {
            return arrival_rate_of(user_class, self.options.arrival_rates);
          },
          nb::arg("user_class"))
      .def_prop_ro("report_phases", [](const OptionsObject& self) { return self.options.report_phases; })
      .def_prop_ro("report_service_time", [](const OptionsObject& self) { return self.options.report_service_time; })
      .def_prop_ro("latency_correction", [](const OptionsObject& self) { return self.options.latency_correction; })
      .def_prop_ro("skip_log_setup", [](const OptionsObject& self) { return self.options.skip_log_setup; })
      .def_prop_ro("seed", [](const OptionsObject& self) { return self.options.seed; })
      .def_prop_ro("busy_poll", [](const OptionsObject& self) { return self.options.busy_poll; })
      .def_prop_ro("event_loop", [](const OptionsObject& self) { return to_string(self.options.event_loop); })
      .def_prop_ro("request_log", [](const OptionsObject& self) { return self.options.request_log; })
      .def_prop_ro("logs_requests",
                   [](const OptionsObject& self) { return self.options.loglevel == log::Level::debug; })
      .def_prop_ro("rounding",
                   [](const OptionsObject& self) { return self.options.locust_rounding ? "locust" : "katydid"; })
      .def_prop_ro("help", [](const OptionsObject& self) { return self.options.help; })
      .def("set_up_logging", &set_up_logging)
      .def("complete", &complete, nb::arg("added"));
  m.def(
      "compare_runs", [](const std::vector<std::string>& words) { return compare_runs(words); }, nb::arg("words"));
  m.def("parse_options", &options_for_loading, nb::arg("arguments"));
  m.def(
      "log_request",
      [](std::string_view request_type, std::string_view where, int status, std::uint64_t response_length,
         std::string_view exception, std::optional<double> response_time) {
        const std::chrono::duration<double, std::milli> time(response_time.value_or(-1));
        log_request({request_type, where, status, response_length, exception,
                     std::chrono::duration_cast<std::chrono::nanoseconds>(time)});
      },
      nb::arg("request_type"), nb::arg("where"), nb::arg("status"), nb::arg("response_length"), nb::arg("exception"),
      nb::arg("response_time").none());
  m.def(
      "write_request",
      [](std::string_view request_type, std::string_view name, std::optional<double> response_time,
         std::uint64_t response_length, int status, std::string_view exception, std::string_view url,
         nb::object context, double start_time) {
        RequestFile* const file = RequestFile::of_process();
        if (!file) return;
        const std::chrono::duration<double, std::milli> time(response_time.value_or(-1));
        const Value own = context_from(context);
        const std::chrono::duration<double> since_epoch(start_time);
        file->write({.request_type = request_type,
                     .name = name,
                     .response_time = std::chrono::duration_cast<std::chrono::nanoseconds>(time),
                     .response_length = response_length,
                     .status = status,
                     .exception = exception,
                     .url = url,
                     .context = &own,
                     .start_time = std::chrono::system_clock::time_point(
                         std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch))});
      },
      nb::arg("request_type"), nb::arg("name"), nb::arg("response_time").none(), nb::arg("response_length"),
      nb::arg("status"), nb::arg("exception"), nb::arg("url"), nb::arg("context"), nb::arg("start_time"));
  m.def(
      "open_request_log", [](const std::string& file) { own_request_log().emplace(file); }, nb::arg("file"));
  m.def("close_request_log", [] {
    if (auto& file = own_request_log()) file->finish();
  });
  m.def("default_config_files", &default_config_files);
  m.def("read_config", &read_config, nb::arg("name"));
  m.def("log", &write_log, nb::arg("level"), nb::arg("logger"), nb::arg("text"));
  m.def("register_user_class", &register_user_class, nb::arg("name"), nb::arg("weight"), nb::arg("fixed_count"),
        nb::arg("host").none(), nb::arg("tasks"), nb::arg("arrival_rate").none());
  m.def(
      "master_locustfile",
      [](const std::vector<std::string>& names) { return master_locustfile(user_classes(names), {}); },
      nb::arg("user_classes"));
  m.def(
      "task_ratio",
      [](const std::vector<std::string>& names, std::optional<int> users, bool as_json) {
        const auto classes = user_classes(names);
        return as_json ? task_ratio_json(classes, users).dump() + "\n" : task_ratio_text(classes, users);
      },
      nb::arg("user_classes"), nb::arg("users").none(), nb::arg("as_json"));
  m.def("environment_host", [] { return environment().host(); });
  m.def("parsed_options", [] { return to_python(environment().parsed_options()); });
  m.def("client_id", [] { return environment().client_id(); });
  m.def("worker_index", [] { return environment().worker_index(); });
  m.def(
      "send_message",
      [](std::string_view type, nb::object data) { environment().send_message(type, from_python(data)); },
      nb::arg("type"), nb::arg("data"));
  m.def("quit", [] { environment().quit(); });
  nb::class_<WorkerObject>(m, "Worker")
      .def(nb::init<nb::object, nb::object, nb::object, nb::object>(), nb::arg("options"), nb::arg("engine"),
           nb::arg("statistics"), nb::arg("host"))
      .def("start", &WorkerObject::start)
      .def("reached", &WorkerObject::reached)
      .def("set_users", &WorkerObject::set_users, nb::arg("user_class"), nb::arg("count"))
      .def("report_exception", &WorkerObject::report_exception, nb::arg("message"), nb::arg("traceback"))
      .def("hooks_finished", &WorkerObject::hooks_finished)
      .def("task_cut_short", &WorkerObject::task_cut_short);
}

}  // namespace katydid::python
