#include "worker/command/program.hpp"

#include "base/version.hpp"
#include "net/host_overrides.hpp"
#include "net/network_options.hpp"
#include "worker/command/arrival_options.hpp"
#include "worker/command/compare_runs.hpp"
#include "worker/command/local_runner.hpp"
#include "worker/command/options.hpp"
#include "worker/command/python_program.hpp"
#include "worker/command/remote_locustfiles.hpp"
#include "worker/command/run_test.hpp"
#include "worker/command/task_ratio.hpp"
#include "worker/command/user_config.hpp"
#include "worker/locustfile/installation.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/master_locustfile.hpp"
#include "worker/log/log.hpp"
#include "worker/log/recorder.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/crash_watch.hpp"
#include "worker/process/stack_trace.hpp"
#include "worker/process/worker_processes.hpp"
#include "worker/request_file.hpp"
#include "worker/request_log.hpp"
#include "worker/user/user_class.hpp"
#include "worker/worker.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.main"};

// As Locust does, but to the hard limit: each user has at least one connection.
void raise_open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 10'000) {
    logger.warning(
        "System open file limit '{}' is below minimum setting '10000'. It's not high enough for load testing: raise it "
        "with ulimit -n, or in /etc/security/limits.conf.",
        limit.rlim_cur);
  }
}

}  // namespace

std::vector<const UserClass*> user_classes(const std::vector<std::string>& names) {
  std::vector<const UserClass*> classes;
  std::string unknown;
  for (const auto& name : names) {
    if (!UserClass::find_registered(name)) unknown += (unknown.empty() ? "" : ", ") + name;
  }
  if (!unknown.empty()) {
    throw std::runtime_error("Unknown User(s): " + unknown +
                             "; the locustfile has these: " + UserClass::registered_names());
  }
  for (const auto& each : UserClass::registered()) {
    if (!names.empty() && std::ranges::find(names, each->name) == names.end()) continue;
    if (each->tasks.empty()) {
      throw std::runtime_error("No tasks defined on " + each->name + ": add them to KATYDID_USER(" + each->name +
                               ") with .task<&" + each->name + "::name>()");
    }
    for (const auto& task : each->tasks) {
      if (task.set) task.set->check([](const std::string& what) { logger.warning("{}", what); });
    }
    const bool twice = std::ranges::any_of(classes, [&](const UserClass* other) { return other->name == each->name; });
    if (twice)
      throw std::runtime_error("The user class " + each->name +
                               " is registered twice: rename one of the two classes, or remove its KATYDID_USER");
    classes.push_back(each.get());
  }
  if (classes.empty())
    throw std::runtime_error("No User class found! Register the classes of the locustfile with KATYDID_USER(Name)");
  return classes;
}

namespace {

ShardOptions shard_options(const Options& options, ShardFactory make) {
  ShardOptions shard{.event_loop = options.event_loop, .busy_poll = options.busy_poll, .make = std::move(make)};
  if (options.pin) {
    shard.cores = allowed_core_numbers();
    if (shard.cores.empty()) logger.warning("--pin has no effect: this system can't keep a thread on one core");
  }
  shard.seed = options.seed;
  shard.report_service_time = options.report_service_time;
  shard.latency_correction = options.latency_correction;
  shard.statistics.report_phases = options.report_phases;
  if (options.locust_rounding) shard.statistics.rounding = Rounding::locust;
  return shard;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

MetricsOptions metrics_options(const Options& options, otel::Exporter* exporter) {
  MetricsOptions metrics{.exporter = exporter};
  if (options.metrics_port) metrics.server = {.host = options.metrics_host, .port = *options.metrics_port};
  return metrics;
}

void begin_otel(const Options& options, std::optional<otel::Exporter>& exporter) {
  otel::Settings settings = otel::settings_from(process_variables(), joined(options.locustfiles));
  for (const std::string& warning : settings.warnings) logger.warning("{}", warning);
  if (settings.on) {
    exporter.emplace(std::move(settings));
  } else {
    logger.info("No OpenTelemetry exporters configured, opentelemetry not enabled");
  }
}

LocalRunOptions local_run(const Options& options, const MetricsOptions& metrics, ShardFactory make) {
  return {.users = options.users,
          .spawn_rate = options.spawn_rate,
          .run_time =
              options.run_time.count() > 0 ? std::optional<std::chrono::nanoseconds>(options.run_time) : std::nullopt,
          .stop_timeout = options.stop_timeout,
          .settings = {.host = options.host,
                       .parsed_options = options.parsed,
                       .tags = options.tags,
                       .exclude_tags = options.exclude_tags},
          .shards = static_cast<std::size_t>(options.processes),
          .shard = shard_options(options, std::move(make)),
          .reset_stats = options.reset_stats,
          .report_loop_lag = options.report_loop_lag,
          .only_summary = options.only_summary,
          .plain = options.plain,
          .exit_code_on_error = options.exit_code_on_error,
          .fail_if = options.fail_if,
          .find_max = {.requirements = options.find_max, .step = options.find_max_step},
          .reports = options.reports,
          .metrics = metrics,
          .locustfile = joined(options.locustfiles)};
}

void tell_of(const Crash& crash) { logger.critical("katydid crashed: {}\n{}", crash.what, crash.trace); }

int run_here(const Options& options, const MetricsOptions& metrics, const std::vector<const UserClass*>& classes,
             ShardFactory make) {
  std::optional<CrashWatch> crash_watch;
  if (!make) crash_watch.emplace(tell_of);
  const LocalRunOptions run = local_run(options, metrics, std::move(make));
  return options.mode == Mode::single_user ? run_single_user(run, *classes.front()) : run_locally(run, classes);
}

WorkerOptions worker_options(const Options& options, const MetricsOptions& metrics,
                             const std::shared_ptr<LogRecorder>& recorder, ShardFactory make) {
  const bool in_cpp = !make;
  return {.master_host = options.master_host,
          .master_port = options.master_port,
          .host = options.host,
          .parsed_options = options.parsed,
          .tags = options.tags,
          .exclude_tags = options.exclude_tags,
          .shards = static_cast<std::size_t>(options.processes),
          .shard = shard_options(options, std::move(make)),
          .reset_stats = options.reset_stats,
          .report_loop_lag = options.report_loop_lag,
          .timing = {.forever = options.reconnect_forever},
          .metrics = metrics,
          .logs = recorder,
          .watch_crashes = in_cpp,
          .watch_machine = true};
}

int run_workers(const Options& options, const MetricsOptions& metrics, const std::shared_ptr<LogRecorder>& recorder,
                const std::vector<const UserClass*>& classes, ShardFactory make) {
  const WorkerOptions all = worker_options(options, metrics, recorder, std::move(make));
  if (options.workers == 1) return run_worker(all, classes);
  return run_worker_processes(options.workers, [&](int index) {
    WorkerOptions one = all;
    auto& server = one.metrics.server;
    if (server && server->port > 0) server->port = static_cast<std::uint16_t>(server->port + index);
    const auto share = [&](int i) { return all.shards * static_cast<std::size_t>(i) / options.workers; };
    const std::size_t first = share(index);
    one.shards = std::max<std::size_t>(1, share(index + 1) - first);
    auto& cores = one.shard.cores;
    if (!cores.empty()) std::ranges::rotate(cores, cores.begin() + static_cast<std::ptrdiff_t>(first % cores.size()));
    const int code = run_worker(one, classes);
    if (RequestFile* const requests = RequestFile::of_process()) requests->finish();  // this process has no other end
    return code;
  });
}

/// The whole command line, which the locustfile may have added to. What was loaded is in first.locustfiles then.
Options load_and_parse(Options& first, const CompileOptions& compiling, int argc, const char* const* argv) {
  // A program of its own has its classes linked in, and needs no locustfile.
  if (UserClass::registered().empty() || first.locustfiles != Options{}.locustfiles) {
    try {
      if (!first.help) first.locustfiles = fetch_locustfiles(first);
      load_locustfiles(first.locustfiles, compiling);
    } catch (const LocustfileError&) {
      if (!first.help) throw;
    }
  } else {
    first.locustfiles.clear();
  }
  Options options = parse_options_or_exit(argc, argv, ArgumentParser::of_listeners());
  for (const auto& warning : options.warnings) logger.warning("{}", warning);
  return options;
}

/// Of traces of exceptions: they show what users wrote.
void leave_own_headers_out() {
  std::vector<std::filesystem::path> folders;
  try {
    for (const auto& headers : find_header_dirs()) {
      for (const char* room : {"base", "net", "http", "websocket", "grpc", "protocol", "worker"})
        folders.push_back(headers / room);
    }
  } catch (const LocustfileError&) {  // of a program without headers, which runs what was compiled elsewhere
  }
  StackTrace::set_own_folders(folders);
}

int run(Options first, int argc, const char* const* argv, const std::shared_ptr<LogRecorder>& recorder) {
  const CompileOptions compiling = {
      .compiler = first.compiler, .flags = first.compiler_flags, .debug = first.debug, .cache_dir = first.cache_dir};
  if (first.mode == Mode::compile && !first.help) {
    const Options options = parse_options_or_exit(argc, argv, {});
    save_locustfile(fetch_locustfiles(options), compiling, options.compile_to);
    return 0;
  }
  const Options options = load_and_parse(first, compiling, argc, argv);
  if (options.mode == Mode::list) {
    std::puts("Available Users:");
    for (const auto& each : UserClass::registered()) std::printf("    %s\n", each->name.c_str());
    return 0;
  }
  apply_user_config(options.config_users);
  if (options.equal_weights) equal_weights();
  apply_arrival_rates(options.arrival_rates);
  const std::string& single = options.single_user;
  const auto classes = user_classes(options.mode == Mode::single_user ? std::vector{single} : options.user_classes);
  if (options.mode == Mode::master_locustfile) {
    auto files = find_locustfiles(first.locustfiles);
    std::erase_if(files, [](const auto& file) { return !is_cpp_source(file); });
    std::fputs(master_locustfile(classes, files_to_ship(files)).c_str(), stdout);
    return 0;
  }
  const std::optional<int> users = options.users_given ? std::optional(options.users) : std::nullopt;
  if (options.mode == Mode::task_ratio) {
    std::fputs(task_ratio_text(classes, users).c_str(), stdout);
    return 0;
  }
  if (options.mode == Mode::task_ratio_json) {
    std::puts(task_ratio_json(classes, users).dump().c_str());
    return 0;
  }
  leave_own_headers_out();
  log_requests();
  return run_test(options, classes, recorder);
}

}  // namespace

int run_test(const Options& options, const std::vector<const UserClass*>& classes,
             const std::shared_ptr<LogRecorder>& recorder, ShardFactory make) {
  logger.info("Starting Katydid {}", version);
  raise_open_file_limit();
  for (const auto& entry : options.resolve) HostOverrides::of_process().add(entry);
  set_network_options({.source_addresses = options.source_addresses, .rotate_addresses = options.rotate_addresses});
  std::optional<RequestFile> requests;
  if (!options.request_log.empty()) {
    requests.emplace(options.request_log);
    if (!make) log_requests_to(*requests);
  }
  std::optional<otel::Exporter> exporter;
  if (options.otel) begin_otel(options, exporter);
  const MetricsOptions metrics = metrics_options(options, exporter ? &*exporter : nullptr);
  switch (options.mode) {
    case Mode::headless:
    case Mode::single_user:
      return run_here(options, metrics, classes, std::move(make));
    default:
      return run_workers(options, metrics, recorder, classes, std::move(make));
  }
}

int run_program(int argc, const char* const* argv) {
  if (argc > 1 && std::string_view(argv[1]) == compare_command) return compare_runs({argv + 2, argv + argc});
  try {
    hand_over_python(argc, argv);
  } catch (const std::runtime_error& error) {
    logger.error("{}", error.what());
    return 1;
  }
  Options first = parse_options_for_loading_or_exit(argc, argv);
  try {
    const auto recorder = std::make_shared<LogRecorder>();
    log::setup({.level = first.help ? log::Level::warning : first.loglevel,
                .file = first.logfile,
                .skip = first.skip_log_setup,
                .recorder = recorder});
    return run(std::move(first), argc, argv, recorder);
  } catch (const std::exception& error) {
    logger.error("{}", error.what());
    return 1;
  }
}

}  // namespace katydid
