#include "worker/command/option_table.hpp"

#include "net/host_overrides.hpp"
#include "net/socket_address.hpp"
#include "worker/command/arrival_options.hpp"
#include "worker/command/option_values.hpp"
#include "worker/command/search/find_max.hpp"
#include "worker/command/user_config.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/words.hpp"

#include <limits>

namespace katydid {
namespace {

using Values = std::vector<std::string>;
using Takes = OptionSpec::Takes;

constexpr std::string_view common = "Common options";
constexpr std::string_view worker = "Worker options";
constexpr std::string_view headless = "Options for running without a master";
constexpr std::string_view tags = "Tag options";
constexpr std::string_view statistics = "Request statistics options";
constexpr std::string_view reporting = "Report options, for running without a master";
constexpr std::string_view logging = "Logging options";
constexpr std::string_view compiling = "Compile options";
constexpr std::string_view other = "Other options";

template <auto Member>
void set_flag(Options& options, const Values& values) {
  options.*Member = parse_flag(values.back());
}

template <auto Member>
void set_text(Options& options, const Values& values) {
  options.*Member = values.back();
}

template <auto Member>
void set_list(Options& options, const Values& values) {
  options.*Member = values;
}

template <auto Member>
void set_timespan(Options& options, const Values& values) {
  options.*Member = parse_timespan(values.back());
}

template <Mode Wanted>
void set_mode(Options& options, const Values& values) {
  if (parse_flag(values.back())) options.mode = Wanted;
}

void set_locustfiles(Options& options, const Values& values) {
  options.locustfiles.clear();
  for (const std::string& value : values) {
    for (std::string& name : split_commas(value)) options.locustfiles.push_back(std::move(name));
  }
  if (options.locustfiles.empty()) throw BadValue("expected a file name");
}

void set_master_host(Options& options, const Values& values) {
  const std::string& host = values.back();
  if (host.find("://") != std::string::npos) throw BadValue("expected a host name or an address, not a URL");
  if (host.empty() || host.find_first_of(" \t/") != std::string::npos) {
    throw BadValue("expected a host name or an address");
  }
  if (host.find(':') != std::string::npos && host.find(':') == host.rfind(':')) {
    throw BadValue("expected a host name or an address; the port goes into --master-port");
  }
  options.master_host = host;
}

void set_loglevel(Options& options, const Values& values) {
  const auto level = log::level_from(values.back());
  if (!level) throw BadValue("choose from DEBUG, INFO, WARNING, ERROR, CRITICAL");
  options.loglevel = *level;
}

void set_processes(Options& options, const Values& values) {
  const long count = parse_integer(values.back(), -1, 1024);
  options.processes = count > 0 ? static_cast<int>(count) : usable_cores();
  options.processes_given = true;
}

void set_event_loop(Options& options, const Values& values) {
  try {
    options.event_loop = event_loop_from(values.back());
  } catch (const std::invalid_argument&) {
    throw BadValue("choose from auto, io_uring, epoll, asio");
  }
}

void set_resolve(Options& options, const Values& values) {
  options.resolve.clear();
  for (const std::string& value : values) {
    for (std::string& entry : split_list(value)) {
      HostOverrides().add(entry);
      options.resolve.push_back(std::move(entry));
    }
  }
}

void set_fail_if(Options& options, const Values& values) {
  options.fail_if.clear();
  for (const std::string& value : values) options.fail_if.push_back(Threshold::parse(value));
}

void set_find_max(Options& options, const Values& values) { options.find_max = parse_requirements(values.back()); }

void set_find_max_step(Options& options, const Values& values) {
  options.find_max_step = parse_timespan(values.back());
  if (options.find_max_step.count() == 0) throw BadValue("a step takes a second at least");
}

void set_arrival_rates(Options& options, const Values& values) {
  for (const std::string& value : values) check_arrival_option(value);
  options.arrival_rates = values;
}

void set_source_addresses(Options& options, const Values& values) {
  options.source_addresses.clear();
  for (const std::string& value : values) {
    for (std::string& address : split_commas(value)) {
      if (!SocketAddress::literal(address)) throw BadValue("'" + address + "' is not an IP address");
      options.source_addresses.push_back(std::move(address));
    }
  }
}

template <auto Member>
void set_report(Options& options, const Values& values) {
  if (values.back().empty()) throw BadValue("expected a file name");
  options.reports.*Member = values.back();
}

template <auto Member>
void set_report_flag(Options& options, const Values& values) {
  options.reports.*Member = parse_flag(values.back());
}

void set_metrics_host(Options& options, const Values& values) {
  if (!SocketAddress::literal(values.back())) throw BadValue("expected an IP address");
  options.metrics_host = values.back();
}

void set_config_users(Options& options, const Values& values) {
  check_user_config(values);
  options.config_users = values;
}

void set_single_user(Options& options, const Values& values) {
  options.mode = Mode::single_user;
  options.single_user = values.back();
}

void set_compile_to(Options& options, const Values& values) {
  if (!values.back().ends_with(".so")) throw BadValue("expected the name of a file that ends with .so");
  options.mode = Mode::compile;
  options.compile_to = values.back();
}

void set_compiler_flags(Options& options, const Values& values) {
  options.compiler_flags.clear();
  for (const std::string& value : values) {
    for (std::string& word : split_words(value)) options.compiler_flags.push_back(std::move(word));
  }
}

const OptionSpec table[] = {
    {"-h,--help", "", Takes::nothing, "", common, "Show this help message and exit", nullptr},
    {"-f,--locustfile", "<filename>", Takes::each, "LOCUST_LOCUSTFILE", common,
     "The C++ file that contains your test, e.g. 'my_test.cpp'. For several files, separate them with commas or repeat "
     "-f. You can also give a directory, shared objects (.so) that --compile-to made, or a URL. With '-', a worker "
     "takes what the master's locustfile carries (see --master-locustfile). Defaults to 'locustfile.cpp'.",
     set_locustfiles},
    {"-H,--host", "<base url>", Takes::one, "LOCUST_HOST", common,
     "Host to load test, in the following format: https://www.example.com. If the master sends a host, that one is "
     "used.",
     set_text<&Options::host>},
    {"-l,--list", "", Takes::nothing, "", common, "Show list of possible User classes and exit", set_mode<Mode::list>},
    {"--master-locustfile", "", Takes::nothing, "", common,
     "Print a locustfile.py that tells the master the names of these User classes, and exit. It carries the C++ files, "
     "too, for workers that are started with -f -. Example: katydid -f my_test.cpp --master-locustfile > locustfile.py",
     set_mode<Mode::master_locustfile>},
    {"--show-task-ratio", "", Takes::nothing, "", common,
     "Print how users divide among the classes, and their choices among the tasks, and exit. Add --users where a class "
     "has a fixed_count.",
     set_mode<Mode::task_ratio>},
    {"--show-task-ratio-json", "", Takes::nothing, "", common, "The same as JSON.", set_mode<Mode::task_ratio_json>},
    {"--config", "<filename>", Takes::each, "", common,
     "One more file to read options from. ~/.locust.conf, locust.conf and pyproject.toml are read where they are "
     "there, as Locust does it.",
     [](Options&, const Values&) {}},
    {"--config-users", "<json>", Takes::any_number, "LOCUST_CONFIG_USERS", common,
     "User configuration as JSON strings or .json files: objects with user_class_name, and any of host, weight, "
     "fixed_count and tasks. Overrides the locustfile.",
     set_config_users},
    {"--arrival-rate", "<class>=<rate>", Takes::each, "KATYDID_ARRIVAL_RATE", common,
     "Begin tasks of this user class at this rate on all workers together, whatever its users still wait for: "
     "Buyer=200 (a second), Buyer=600/m, or Buyer=200@30s,200@5m (rises to 200 in 30 s, stays for 5 m). With "
     "'poisson:' "
     "before the rate, tasks come at random. You can repeat the option. The users are a pool then. A task that finds "
     "none free is dropped and counted.",
     set_arrival_rates},
    {"--equal-weights", "", Takes::nothing, "LOCUST_EQUAL_WEIGHTS", common,
     "Let every class and every task count once, whatever weights the locustfile gives them.",
     set_flag<&Options::equal_weights>},

    {"--worker", "", Takes::nothing, "LOCUST_MODE_WORKER", worker,
     "Run as a worker of a Locust master. This is the default, unless --headless is set.", nullptr},
    {"--master-host", "<hostname>", Takes::one, "LOCUST_MASTER_NODE_HOST", worker,
     "Hostname of the Locust master node to connect to. Defaults to 127.0.0.1.", set_master_host},
    {"--master-port", "<port number>", Takes::one, "LOCUST_MASTER_NODE_PORT", worker,
     "Port to connect to on master node. Defaults to 5557.",
     [](Options& options, const Values& values) {
       options.master_port = static_cast<std::uint16_t>(parse_integer(values.back(), 1, 65535));
     }},
    {"--processes", "<int>", Takes::one, "LOCUST_PROCESSES", worker,
     "Number of cores to use. Katydid runs one thread per core in one process, and the master sees one worker. The "
     "default is -1: all cores that this process may use.",
     set_processes},
    {"--workers", "<int>", Takes::one, "KATYDID_WORKERS", worker,
     "Number of workers that the master sees. Each is a process of its own. They share the cores (--processes), and "
     "each gets at least one. Defaults to 1.",
     [](Options& options, const Values& values) {
       options.workers = static_cast<int>(parse_integer(values.back(), 1, 1024));
     }},
    {"--pin", "", Takes::nothing, "KATYDID_PIN", worker,
     "Keep each thread that runs users on a core of its own. Figures get steadier on a machine that does nothing else.",
     set_flag<&Options::pin>},
    {"--reconnect-forever", "", Takes::nothing, "KATYDID_RECONNECT_FOREVER", worker,
     "Keep trying to reach a master that is gone. Without this option, katydid gives up after 60 seconds, as Locust "
     "does.",
     set_flag<&Options::reconnect_forever>},

    {"--headless", "", Takes::nothing, "LOCUST_HEADLESS", headless,
     "Run the test here, without a master, and start it immediately. Use -u, -r and -t to control user count, spawn "
     "rate and run time",
     nullptr},
    {"-u,--users", "<int>", Takes::one, "LOCUST_USERS", headless, "Peak number of concurrent users. Defaults to 1.",
     [](Options& options, const Values& values) {
       options.users = static_cast<int>(parse_integer(values.back(), 1, 100'000'000));
       options.users_given = true;
     }},
    {"-r,--spawn-rate", "<float>", Takes::one, "LOCUST_SPAWN_RATE", headless,
     "Rate to spawn users at (users per second). Defaults to 1.",
     [](Options& options, const Values& values) { options.spawn_rate = parse_positive(values.back()); }},
    {"-t,--run-time", "<time string>", Takes::one, "LOCUST_RUN_TIME", headless,
     "Stop after the specified amount of time, e.g. (300s, 20m, 3h, 1h30m, etc.). Defaults to run until Ctrl-C.",
     set_timespan<&Options::run_time>},
    {"--only-summary", "", Takes::nothing, "LOCUST_ONLY_SUMMARY", headless,
     "Disable periodic printing of request stats during --headless run", set_flag<&Options::only_summary>},
    {"--plain", "", Takes::nothing, "KATYDID_PLAIN", headless,
     "Print Locust's tables on a terminal, too, in place of a view that is drawn again every second.",
     set_flag<&Options::plain>},
    {"--print-stats", "", Takes::nothing, "LOCUST_PRINT_STATS", headless,
     "Enable periodic printing of request stats. Without a master this is always so, unless --only-summary is set.",
     nullptr},
    {"--run-single-user", "<UserClass>", Takes::one, "", headless,
     "Run one user of this class and print each request and response. Shows you what a locustfile does.",
     set_single_user},
    {"--fail-if", "<condition>", Takes::each, "KATYDID_FAIL_IF", headless,
     "The test has failed if this holds: 'p99(GET /hello) > 200ms', 'fail_ratio > 1%', 'rps < 100', 'dropped > 0'. You "
     "can repeat the option. With 'abort' behind it, the test stops as soon as it holds. Where it is given, a failed "
     "request alone does not make the exit code 1.",
     set_fail_if},
    {"--find-max", "<requirements>", Takes::one, "KATYDID_FIND_MAX", headless,
     "Search for the highest arrival rate at which these hold: 'p95 < 300ms, fail_ratio < 1%'. The search begins with "
     "the rates that classes have (--arrival-rate), and ends by itself. Measures are those of --fail-if.",
     set_find_max},
    {"--find-max-step", "<time>", Takes::one, "KATYDID_FIND_MAX_STEP", headless,
     "How long each step of that search is measured, e.g. (30s, 1m). Defaults to 10s. Before it, a quarter of that "
     "passes unmeasured.",
     set_find_max_step},
    {"--exit-code-on-error", "<int>", Takes::one, "LOCUST_EXIT_CODE_ON_ERROR", headless,
     "Sets the process exit code to use when a test result contain any failure or error. Defaults to 1.",
     [](Options& options, const Values& values) {
       options.exit_code_on_error = static_cast<int>(parse_integer(values.back(), 0, 255));
     }},

    {"-T,--tags", "[<tag> ...]", Takes::any_number, "LOCUST_TAGS", tags,
     "List of tags to include in the test, so only tasks with at least one matching tag will be executed",
     set_list<&Options::tags>},
    {"-E,--exclude-tags", "[<tag> ...]", Takes::any_number, "LOCUST_EXCLUDE_TAGS", tags,
     "List of tags to exclude from the test, so only tasks with no matching tags will be executed",
     set_list<&Options::exclude_tags>},

    {"--reset-stats", "", Takes::nothing, "LOCUST_RESET_STATS", statistics,
     "Reset statistics once spawning has been completed. Should be set on both master and workers when running in "
     "distributed mode",
     set_flag<&Options::reset_stats>},
    {"--locust-rounding", "", Takes::nothing, "KATYDID_LOCUST_ROUNDING", statistics,
     "Round response times below 10 ms to whole milliseconds, as Python's workers do. Without this option they keep "
     "two significant digits (0.37, 4.2).",
     set_flag<&Options::locust_rounding>},
    {"--report-service-time", "", Takes::nothing, "KATYDID_REPORT_SERVICE_TIME", statistics,
     "For user classes with an arrival rate, also report each request's time from when it was sent, as entries with "
     "'[service]' behind the name. The other entries count from when the task was due. No total counts them.",
     set_flag<&Options::report_service_time>},
    {"--latency-correction", "", Takes::nothing, "KATYDID_LATENCY_CORRECTION", statistics,
     "For user classes without an arrival rate, also report the times that users would have seen who do not wait for "
     "the server, as entries with '[corrected]' behind the name. No total counts them.",
     set_flag<&Options::latency_correction>},
    {"--report-phases", "", Takes::nothing, "KATYDID_REPORT_PHASES", statistics,
     "Also report where the time of each HTTP request went, as entries with '[name lookup]', '[connect]', '[TLS]', "
     "'[request sent]' or '[first byte]' behind the name. No total counts them.",
     set_flag<&Options::report_phases>},
    {"--report-loop-lag", "", Takes::nothing, "KATYDID_REPORT_LOOP_LAG", statistics,
     "Report the lag of this worker's event loops to the master, as an entry named 'katydid loop lag'. No total counts "
     "it. With --headless, log the lag at the end. Even without this option, katydid logs a warning when lag distorts "
     "response times.",
     set_flag<&Options::report_loop_lag>},

    {"--metrics-port", "<port number>", Takes::one, "KATYDID_METRICS_PORT", statistics,
     "Show metrics for Prometheus on this port, at /metrics: of a worker or, with --headless, of the whole test. 0 "
     "takes a free port; the log says which. With --workers, each takes the next port.",
     [](Options& options, const Values& values) {
       options.metrics_port = static_cast<std::uint16_t>(parse_integer(values.back(), 0, 65535));
     }},
    {"--metrics-host", "<address>", Takes::one, "KATYDID_METRICS_HOST", statistics,
     "The address that metrics are shown on. Defaults to 127.0.0.1, as anybody who reaches it can read them. 0.0.0.0 "
     "is every address of this machine.",
     set_metrics_host},
    {"--otel", "", Takes::nothing, "LOCUST_ENABLE_OPENTELEMETRY", statistics,
     "Send metrics, and spans of requests, to an OpenTelemetry collector, over HTTP. OpenTelemetry's own variables say "
     "where to and how: OTEL_EXPORTER_OTLP_ENDPOINT (http://localhost:4318), OTEL_TRACES_SAMPLER and others.",
     set_flag<&Options::otel>},

    {"--csv", "<filename>", Takes::one, "LOCUST_CSV", reporting,
     "Store request stats to files in CSV format: <filename>_stats.csv, <filename>_stats_history.csv, "
     "<filename>_failures.csv and <filename>_exceptions.csv. Folders are created.",
     set_report<&ReportOptions::csv_prefix>},
    {"--csv-full-history", "", Takes::nothing, "LOCUST_CSV_FULL_HISTORY", reporting,
     "Store each stats entry in CSV format to _stats_history.csv file. You must also specify the '--csv' argument to "
     "enable this.",
     set_report_flag<&ReportOptions::csv_full_history>},
    {"--html", "<filename>", Takes::one, "LOCUST_HTML", reporting,
     "Store HTML report to file path specified: one page with charts that needs no network. {u}, {r} and {t} in the "
     "name become number of users, spawn rate and run time.",
     set_report<&ReportOptions::html_file>},
    {"--json", "", Takes::nothing, "", reporting,
     "Prints the final stats in JSON format to stdout. The tables go to stderr then.",
     set_report_flag<&ReportOptions::json>},
    {"--json-file", "<filename>", Takes::one, "", reporting,
     "Stores the final stats in JSON format to <filename>.json.", set_report<&ReportOptions::json_file>},
    {"--hdr-log", "<filename>", Takes::one, "KATYDID_HDR_LOG", reporting,
     "Store response times as a log of HdrHistogram, a histogram a second, in microseconds.",
     set_report<&ReportOptions::hdr_file>},
    {"--hdr-log-names", "", Takes::nothing, "KATYDID_HDR_LOG_NAMES", reporting,
     "The log of --hdr-log has a histogram a second for each name, too, as lines with a tag. 'katydid compare' can "
     "then compare names.",
     set_report_flag<&ReportOptions::hdr_names>},

    {"-L,--loglevel", "<level>", Takes::one, "LOCUST_LOGLEVEL", logging,
     "Choose between DEBUG/INFO/WARNING/ERROR/CRITICAL. Default is INFO.", set_loglevel},
    {"--logfile", "<filename>", Takes::one, "LOCUST_LOGFILE", logging,
     "Path to log file. If not set, log will go to stderr", set_text<&Options::logfile>},
    {"--request-log", "<filename>", Takes::one, "KATYDID_REQUEST_LOG", logging,
     "Add each request to this file as a line of JSON: type, name, time, length, status, exception, URL, context.",
     set_text<&Options::request_log>},
    {"--skip-log-setup", "", Takes::nothing, "LOCUST_SKIP_LOG_SETUP", logging,
     "Disable logging setup. Warnings and errors then go to stderr as bare text, unless the locustfile sets a handler.",
     set_flag<&Options::skip_log_setup>},

    {"--cxx", "<command>", Takes::one, "KATYDID_CXX,CXX", compiling,
     "The C++ compiler for the locustfile: g++ 11 or newer, or clang++ 14 or newer. Defaults to the one that katydid "
     "was built with. If that is missing, katydid looks for one in PATH.",
     set_text<&Options::compiler>},
    {"--cxxflags", "<flags>", Takes::each, "KATYDID_CXXFLAGS", compiling,
     "More flags for the compiler and linker, e.g. '-I../include -lpq'. They come after '-std=c++20 -O2'.",
     set_compiler_flags},
    {"--debug", "", Takes::nothing, "KATYDID_DEBUG", compiling,
     "Compile the locustfile for a debugger: with '-O0 -g' in place of '-O2 -g1'. For example: gdb --args katydid "
     "--debug -f users.cpp --run-single-user Buyer",
     set_flag<&Options::debug>},
    {"--cache-dir", "<directory>", Takes::one, "KATYDID_CACHE_DIR", compiling,
     "Where compiled locustfiles are kept. Defaults to $XDG_CACHE_HOME/katydid or ~/.cache/katydid.",
     set_text<&Options::cache_dir>},
    {"--compile-to", "<filename>", Takes::one, "", compiling,
     "Compile the locustfile into this shared object (.so), and exit. A machine without a compiler can then run it "
     "with -f users.so. It needs this same katydid.",
     set_compile_to},

    {"-V,--version", "", Takes::nothing, "", other, "Show program's version number and exit", nullptr},
    {"--completion", "<shell>", Takes::one, "", other,
     "Print what lets a shell complete this command line, and exit: source <(katydid --completion bash). Choose "
     "between "
     "bash/zsh/fish.",
     nullptr},
    {"--man-page", "", Takes::nothing, "", other, "Print the manual page, and exit: katydid --man-page | man -l -",
     nullptr},
    {"--print-goals", "", Takes::nothing, "", other,
     "Print goals.py, and exit: a locustfile for the master that has --fail-if and --find-max for a whole fleet. "
     "Example: katydid --print-goals > goals.py && locust --master -f locustfile.py,goals.py --fail-if 'p99 > 200ms'",
     nullptr},
    {"--health", "[<process id> ...]", Takes::any_number, "", other,
     "Ask the workers of this user on this machine (root: of all users) whether they are well, and exit with 0, or "
     "with 1 where one is ill or there is none. With process ids, ask these and their children alone.",
     nullptr},
    {"-s,--stop-timeout", "<number>", Takes::one, "LOCUST_STOP_TIMEOUT", other,
     "Number of seconds to wait for a simulated user to complete any executing task before exiting. Default is to "
     "terminate immediately. When running distributed, this only needs to be specified on the master.",
     set_timespan<&Options::stop_timeout>},
    {"--resolve", "<host:port:address>", Takes::each, "KATYDID_RESOLVE", other,
     "Connect to this address in place of the host's own, as curl's option does. Several addresses are separated with "
     "commas, and the host * is any. You can repeat the option.",
     set_resolve},
    {"--source-address", "<address>", Takes::each, "KATYDID_SOURCE_ADDRESS", other,
     "Connect from this IP address of this machine. Of several, separated with commas, each user takes the next one, "
     "for all of its connections. From one address there are about 28,000 connections to one port of a server.",
     set_source_addresses},
    {"--rotate-addresses", "", Takes::nothing, "KATYDID_ROTATE_ADDRESSES", other,
     "If a host has several addresses, each user connects to the next one, and to the others if that fails. Without "
     "this option all users connect to the first.",
     set_flag<&Options::rotate_addresses>},
    {"--seed", "<int>", Takes::one, "KATYDID_SEED", other,
     "Makes what is left to chance repeatable: which task each user runs next, and how long it waits. Two runs with "
     "the "
     "same seed, users and --processes draw the same numbers.",
     [](Options& options, const Values& values) {
       options.seed = static_cast<std::uint64_t>(parse_integer(values.back(), 0, std::numeric_limits<long>::max()));
     }},
    {"--busy-poll", "", Takes::nothing, "KATYDID_BUSY_POLL", other,
     "While a test runs, loops ask for what is ready again and again in place of sleeping. What is due is sent within "
     "microseconds of its time, and each of --processes keeps a core busy. The CPU usage that is shown leaves out what "
     "they asked in vain. For users in C++.",
     set_flag<&Options::busy_poll>},
    {"--event-loop", "<name>", Takes::one, "KATYDID_EVENT_LOOP", other,
     "Choose between auto/io_uring/epoll/asio. Default is auto: the fastest one that this machine has.",
     set_event_loop},
};

constexpr std::string_view web = "the web UI is the master's: give it to 'locust --master'";
constexpr std::string_view masters = "this option belongs to the master: give it to 'locust --master'";

const RefusedOption refused[] = {
    {"--master",
     "katydid is a worker only: start the master with 'locust --master -f locustfile.py'. To make that locustfile.py, "
     "run 'katydid -f FILE.cpp --master-locustfile > locustfile.py'"},
    {"--master-bind-host", masters},
    {"--master-bind-port", masters},
    {"--expect-workers", masters},
    {"--expect-workers-max-wait", masters},
    {"--enable-rebalancing", masters},
    {"--web-host", web},
    {"--web-host-display-name", web},
    {"-P,--web-port", web},
    {"--web-login", web},
    {"--web-base-path", web},
    {"--tls-cert", web},
    {"--tls-key", web},
    {"--class-picker", web},
    {"--build-path", web},
    {"--autostart", "this option belongs to the master; to run without a master, use --headless"},
    {"--autoquit", "this option belongs to the master; to run without a master, use --headless with --run-time"},
    {"--headful",
     "katydid has no web UI, the master has: leave out --headless to run as a worker of 'locust --master'"},
    {"--profile", masters},
    {"--slave", "the --slave parameter has been renamed --worker"},
    {"--expect-slaves", "the --expect-slaves parameter has been renamed --expect-workers, and belongs to the master"},
    {"--hatch-rate", "the --hatch-rate parameter has been renamed --spawn-rate"},
    {"--web-auth", "the --web-auth parameter has been replaced with --web-login, and belongs to the master"},
    {"--modern-ui", "Locust no longer has this option, and the web UI belongs to the master"},
    {"--legacy-ui", "Locust no longer has this option, and the web UI belongs to the master"},
};

}  // namespace

std::span<const OptionSpec> option_table() { return table; }
std::span<const RefusedOption> refused_options() { return refused; }

}  // namespace katydid
