#include "worker/command/options.hpp"

#include "base/version.hpp"
#include "worker/command/option_table.hpp"
#include "worker/command/option_values.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/words.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const std::string& word : words) text += "'" + word + "' ";
    return (text + "]").c_str();
  }
};
}  // namespace doctest

using namespace katydid;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

namespace {

Options parse(const Strings& arguments, const Variables& variables = {}) {
  std::vector<const char*> argv{"katydid"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data(), [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

struct Exit {
  int code = -1;
  std::string text;
};

Exit exit_of(const Strings& arguments, const Variables& variables = {}) {
  try {
    parse(arguments, variables);
  } catch (const EarlyExit& exit) {
    return {exit.code(), exit.text()};
  }
  return {};
}

// The message, which must be an error of one line.
std::string error_of(const Strings& arguments, const Variables& variables = {}) {
  const Exit exit = exit_of(arguments, variables);
  CHECK(exit.code == 2);
  const std::string start = "katydid: error: ";
  REQUIRE(exit.text.starts_with(start));
  REQUIRE(std::count(exit.text.begin(), exit.text.end(), '\n') == 1);
  return exit.text.substr(start.size(), exit.text.size() - start.size() - 1);
}

Strings names_of(std::string_view names) { return split_commas(names); }

}  // namespace

TEST_CASE("without arguments it is a worker of a master on this machine, with one shard per core") {
  const Options options = parse({});
  CHECK(options.mode == Mode::worker);
  CHECK(options.locustfiles == Strings{"locustfile.cpp"});
  CHECK(options.host == "");
  CHECK(options.user_classes.empty());
  CHECK(options.master_host == "127.0.0.1");
  CHECK(options.master_port == 5557);
  CHECK_FALSE(options.reconnect_forever);
  CHECK(options.processes == usable_cores());
  CHECK(options.event_loop == EventLoop::automatic);
  CHECK(options.users == 1);
  CHECK(options.spawn_rate == 1.0);
  CHECK(options.run_time == 0s);
  CHECK(options.stop_timeout == 0s);
  CHECK_FALSE(options.only_summary);
  CHECK(options.exit_code_on_error == 1);
  CHECK(options.tags.empty());
  CHECK(options.exclude_tags.empty());
  CHECK_FALSE(options.reset_stats);
  CHECK_FALSE(options.locust_rounding);
  CHECK(options.loglevel == log::Level::info);
  CHECK(options.logfile == "");
  CHECK_FALSE(options.skip_log_setup);
  CHECK(options.compiler == "");
  CHECK(options.compiler_flags.empty());
  CHECK(options.cache_dir == "");
  CHECK(options.warnings.empty());
}

TEST_CASE("every option reaches its field") {
  const Options options = parse(split_words(R"(
      -f 'a.cpp, b.cpp' --locustfile c.cpp -H https://example.com --worker --master-host 10.0.0.5 --master-port=6000
      --processes 3 --workers 2 --pin --reconnect-forever --event-loop asio -s 1m30s --exit-code-on-error 0 --reset-stats
      --locust-rounding -L debug --logfile katydid.log --skip-log-setup --cxx "ccache g++-12"
      --cxxflags "-g -DNAME='a b'" --cxxflags -O0 --cache-dir /tmp/cache Buyer Browser -T checkout login -E slow)"));
  CHECK(options.mode == Mode::worker);
  CHECK(options.locustfiles == Strings{"a.cpp", "b.cpp", "c.cpp"});
  CHECK(options.host == "https://example.com");
  CHECK(options.master_host == "10.0.0.5");
  CHECK(options.master_port == 6000);
  CHECK(options.processes == 3);
  CHECK(options.workers == 2);
  CHECK(options.pin);
  CHECK(options.reconnect_forever);
  CHECK(options.event_loop == EventLoop::asio);
  CHECK(options.stop_timeout == 90s);
  CHECK(options.exit_code_on_error == 0);
  CHECK(options.reset_stats);
  CHECK(options.locust_rounding);
  CHECK(options.loglevel == log::Level::debug);
  CHECK(options.logfile == "katydid.log");
  CHECK(options.skip_log_setup);
  CHECK(options.compiler == "ccache g++-12");
  CHECK(options.compiler_flags == Strings{"-g", "-DNAME=a b", "-O0"});
  CHECK(options.cache_dir == "/tmp/cache");
  CHECK(options.user_classes == Strings{"Buyer", "Browser"});
  CHECK(options.tags == Strings{"checkout", "login"});
  CHECK(options.exclude_tags == Strings{"slow"});
  CHECK(options.warnings.empty());
}

TEST_CASE("environment variables are Locust's, and the command line overrides them") {
  const Variables variables = {{"LOCUST_LOCUSTFILE", "a.cpp,b.cpp"},
                               {"LOCUST_HOST", "http://env"},
                               {"LOCUST_MODE_WORKER", "1"},
                               {"LOCUST_MASTER_NODE_HOST", "master"},
                               {"LOCUST_MASTER_NODE_PORT", "7000"},
                               {"LOCUST_PROCESSES", "2"},
                               {"LOCUST_USERS", "40"},
                               {"LOCUST_SPAWN_RATE", "2.5"},
                               {"LOCUST_RUN_TIME", "2h"},
                               {"LOCUST_ONLY_SUMMARY", "yes"},
                               {"LOCUST_EXIT_CODE_ON_ERROR", "7"},
                               {"LOCUST_TAGS", "a b"},
                               {"LOCUST_EXCLUDE_TAGS", "[\"c\", d]"},
                               {"LOCUST_RESET_STATS", "True"},
                               {"LOCUST_LOGLEVEL", "ERROR"},
                               {"LOCUST_LOGFILE", "env.log"},
                               {"LOCUST_SKIP_LOG_SETUP", "on"},
                               {"LOCUST_STOP_TIMEOUT", "5"},
                               {"LOCUST_USER_CLASSES", "A  B"},
                               {"KATYDID_CXX", "clang++"},
                               {"CXX", "g++"},
                               {"KATYDID_CXXFLAGS", "-g -O1"},
                               {"KATYDID_CACHE_DIR", "cache"},
                               {"KATYDID_EVENT_LOOP", "epoll"},
                               {"KATYDID_RECONNECT_FOREVER", "true"},
                               {"KATYDID_LOCUST_ROUNDING", "true"}};
  SUBCASE("alone") {
    const Options options = parse({}, variables);
    CHECK(options.locustfiles == Strings{"a.cpp", "b.cpp"});
    CHECK(options.host == "http://env");
    CHECK(options.master_host == "master");
    CHECK(options.master_port == 7000);
    CHECK(options.processes == 2);
    CHECK(options.users == 40);
    CHECK(options.spawn_rate == 2.5);
    CHECK(options.run_time == 2h);
    CHECK(options.only_summary);
    CHECK(options.exit_code_on_error == 7);
    CHECK(options.tags == Strings{"a", "b"});
    CHECK(options.exclude_tags == Strings{"c", "d"});
    CHECK(options.reset_stats);
    CHECK(options.loglevel == log::Level::error);
    CHECK(options.logfile == "env.log");
    CHECK(options.skip_log_setup);
    CHECK(options.stop_timeout == 5s);
    CHECK(options.user_classes == Strings{"A", "B"});
    CHECK(options.compiler == "clang++");
    CHECK(options.compiler_flags == Strings{"-g", "-O1"});
    CHECK(options.cache_dir == "cache");
    CHECK(options.event_loop == EventLoop::epoll);
    CHECK(options.reconnect_forever);
    CHECK(options.locust_rounding);
    CHECK(options.warnings.empty());
  }
  SUBCASE("overridden") {
    const Options options = parse({"-f", "c.cpp", "-H", "http://line", "--master-port", "8000", "-T", "x", "-L", "INFO",
                                   "--cxx", "g++-12", "--cxxflags", "-O2", "-s", "0", "--", "C"},
                                  variables);
    CHECK(options.locustfiles == Strings{"c.cpp"});
    CHECK(options.host == "http://line");
    CHECK(options.master_port == 8000);
    CHECK(options.tags == Strings{"x"});
    CHECK(options.loglevel == log::Level::info);
    CHECK(options.compiler == "g++-12");
    CHECK(options.compiler_flags == Strings{"-O2"});
    CHECK(options.stop_timeout == 0s);
    CHECK(options.user_classes == Strings{"C"});
    CHECK(options.master_host == "master");
  }
  SUBCASE("an empty value counts as not set, and CXX is only asked when KATYDID_CXX is not set") {
    const Options options =
        parse({}, {{"LOCUST_HOST", ""}, {"LOCUST_MASTER_NODE_PORT", ""}, {"KATYDID_CXX", ""}, {"CXX", "g++"}});
    CHECK(options.host == "");
    CHECK(options.master_port == 5557);
    CHECK(options.compiler == "g++");
  }
}

TEST_CASE("the mode is chosen as Locust does") {
  CHECK(parse({"--headless"}).mode == Mode::headless);
  CHECK(parse({}, {{"LOCUST_HEADLESS", "true"}}).mode == Mode::headless);
  CHECK(parse({}, {{"LOCUST_HEADLESS", "false"}}).mode == Mode::worker);
  CHECK(parse({"--worker"}, {{"LOCUST_HEADLESS", "true"}}).mode == Mode::worker);
  CHECK(parse({"--headless=false"}, {{"LOCUST_HEADLESS", "true"}}).mode == Mode::worker);
  CHECK(parse({"--list"}).mode == Mode::list);
  CHECK(parse({"-l", "--headless"}).mode == Mode::list);
  CHECK(parse({"--master-locustfile"}).mode == Mode::master_locustfile);
  CHECK(parse({"--compile-to", "users.so"}).mode == Mode::compile);
  CHECK(parse({"--compile-to", "users.so"}).compile_to == "users.so");
  CHECK(error_of({"--compile-to", "users"}) ==
        "argument --compile-to: invalid value 'users': expected the name of a file that ends with .so");
  const Options single =
      parse({"--run-single-user", "Buyer"}, {{"LOCUST_USER_CLASSES", "A"}, {"LOCUST_HEADLESS", "1"}});
  CHECK(single.mode == Mode::single_user);
  CHECK(single.single_user == "Buyer");
  CHECK(single.user_classes.empty());
  CHECK(error_of({"--run-single-user", "A", "--headless"}) ==
        "argument --run-single-user: can't be combined with --headless");
  CHECK(error_of({"--run-single-user", "A", "B", "C"}) ==
        "argument --run-single-user: it names the one class to run, so 'B C' must be left out");
}

TEST_CASE("headless runs take users, rate and time") {
  const Options options = parse({"--headless", "-u", "100", "-r", "12.5", "-t", "1h30m", "--only-summary"});
  CHECK(options.users == 100);
  CHECK(options.spawn_rate == 12.5);
  CHECK(options.run_time == 90min);
  CHECK(options.only_summary);
  CHECK(options.warnings.empty());
}

TEST_CASE("options without an effect are warned of, but only when they were typed") {
  CHECK(parse({"-u", "3", "-t", "3s"}).warnings ==
        Strings{"--users specified for a worker node will be ignored: the master decides it.",
                "--run-time specified for a worker node will be ignored: the master decides it."});
  CHECK(parse({}, {{"LOCUST_USERS", "3"}}).warnings.empty());
  CHECK(parse({"--headless", "--master-host", "m"}).warnings ==
        Strings{"--master-host has no effect together with --headless, which runs without a master."});
  CHECK(parse({"--headless", "--worker"}).warnings == Strings{"--headless has no effect on a worker."});
  CHECK(parse({"--fail-if", "fails > 0"}).warnings ==
        Strings{
            "--fail-if has no effect on a worker, which knows its own requests only: goals.py has it for the master."});
  CHECK(parse({"--run-single-user", "Shop", "-u", "3", "--csv", "x"}).warnings ==
        Strings{"--users has no effect together with --run-single-user, which runs one user.",
                "--csv has no effect together with --run-single-user, which shows each request and reports nothing."});
}

TEST_CASE("a wrong value is named together with its option and what is expected") {
  const auto number = [](const char* least, const char* most) {
    return std::string("expected a whole number from ") + least + " to " + most;
  };
  CHECK(error_of({"-u", "abc"}) == "argument -u/--users: invalid value 'abc': " + number("1", "100000000"));
  CHECK(error_of({"-u", "0"}) == "argument -u/--users: invalid value '0': " + number("1", "100000000"));
  CHECK(error_of({"-u", "1.5"}) == "argument -u/--users: invalid value '1.5': " + number("1", "100000000"));
  CHECK(error_of({"--master-port", "65536"}) ==
        "argument --master-port: invalid value '65536': " + number("1", "65535"));
  CHECK(error_of({"--processes", "-2"}) == "argument --processes: invalid value '-2': " + number("-1", "1024"));
  CHECK(error_of({"--exit-code-on-error", "256"}) ==
        "argument --exit-code-on-error: invalid value '256': " + number("0", "255"));
  for (const char* rate : {"0", "-1", "nan", "inf", "1x", " 1"}) {
    CHECK(error_of({"-r", rate}) ==
          "argument -r/--spawn-rate: invalid value '" + std::string(rate) + "': expected a number greater than 0");
  }
  CHECK(error_of({"-t", "1 hour"}) ==
        "argument -t/--run-time: invalid value '1 hour': expected a time span such as 20, 20s, 3m, 2h, 1h20m or "
        "3h30m10s");
  CHECK(error_of({"-L", "LOUD"}) ==
        "argument -L/--loglevel: invalid value 'LOUD': choose from DEBUG, INFO, WARNING, ERROR, CRITICAL");
  CHECK(error_of({"--event-loop", "kqueue"}) ==
        "argument --event-loop: invalid value 'kqueue': choose from auto, io_uring, epoll, asio");
  CHECK(error_of({"--cxxflags", "-DA='x"}) == "argument --cxxflags: invalid value '-DA='x': a ' is not closed");
  CHECK(error_of({"--master-host", "tcp://m:5557"}).ends_with("expected a host name or an address, not a URL"));
  CHECK(error_of({"--master-host", "m:5557"}).ends_with("the port goes into --master-port"));
  CHECK(parse({"--master-host", "fe80::1"}).master_host == "fe80::1");
  CHECK(error_of({"-f", ","}) == "argument -f/--locustfile: invalid value ',': expected a file name");
  CHECK(error_of({"--headless=perhaps"}).starts_with("argument --headless: invalid value 'perhaps': expected true"));
}

TEST_CASE("a wrong value in the environment is named together with its variable") {
  CHECK(error_of({}, {{"LOCUST_MASTER_NODE_PORT", "x"}}) ==
        "environment variable LOCUST_MASTER_NODE_PORT: invalid value 'x': expected a whole number from 1 to 65535");
  CHECK(
      error_of({}, {{"LOCUST_HEADLESS", "perhaps"}}) ==
      "environment variable LOCUST_HEADLESS: invalid value 'perhaps': expected true, yes, on, 1, false, no, off or 0");
  CHECK(error_of({}, {{"LOCUST_RESET_STATS", "2"}}).starts_with("environment variable LOCUST_RESET_STATS: "));
}

TEST_CASE("a missing value is noticed") {
  CHECK(error_of({"-u"}) == "argument -u/--users: expected one argument");
  CHECK(error_of({"--host"}) == "argument -H/--host: expected one argument");
  CHECK(error_of({"--host="}) == "argument -H/--host: expected one argument");
  CHECK(error_of({"-H", "-u", "5"}) == "argument -H/--host: expected one argument");
  CHECK(error_of({"--cxxflags"}) == "argument --cxxflags: expected one argument");
  CHECK(parse({"--cxxflags", "-E"}).compiler_flags == Strings{"-E"});
  CHECK(parse({"-T", "-s", "3"}).tags.empty());
}

TEST_CASE("the last of several values counts") {
  CHECK(parse({"-H", "http://a", "-H", "http://b", "-L", "INFO", "-L", "ERROR"}).host == "http://b");
  CHECK(parse({"--reset-stats", "--reset-stats"}).reset_stats);
}

TEST_CASE("unknown arguments are refused with help") {
  const Exit typo = exit_of({"--master-hst", "m"});
  CHECK(typo.code == 2);
  CHECK(typo.text.starts_with("katydid: error: unrecognized arguments: --master-hst\nDid you mean '--master-host'?\n"));
  const Exit custom = exit_of({"--my-environment=staging"});
  CHECK(custom.code == 2);
  CHECK(
      custom.text.starts_with("katydid: error: unrecognized arguments: --my-environment=staging\nIf it is an argument "
                              "of the test, the locustfile "
                              "has to add it"));
  CHECK(error_of({"-x"}) == "unrecognized arguments: -x");
}

TEST_CASE("report files are those of a run without a master") {
  const Options options =
      parse({"--headless", "--csv", "out/run", "--csv-full-history", "--html=r.html", "--json", "--json-file", "run"});
  CHECK(options.reports.csv_prefix == "out/run");
  CHECK(options.reports.csv_full_history);
  CHECK(options.reports.html_file == "r.html");
  CHECK(options.reports.json);
  CHECK(options.reports.json_file == "run");
  const Options by_variables = parse({"--headless"}, {{"LOCUST_CSV", "x"}, {"LOCUST_HTML", "y.html"}});
  CHECK(by_variables.reports.csv_prefix == "x");
  CHECK(by_variables.reports.html_file == "y.html");
  CHECK(error_of({"--headless", "--csv-full-history"}) ==
        "argument --csv-full-history: it needs --csv, which names the files");
  CHECK(error_of({"--headless", "--csv="}) == "argument --csv: expected one argument");
  const Options worker = parse({"--csv", "x"});
  REQUIRE(worker.warnings.size() == 1);
  CHECK(worker.warnings[0] ==
        "--csv has no effect on a worker: give it to 'locust --master', which reports for all its workers.");
}

TEST_CASE("options of the master are refused in one line that says what to do") {
  CHECK(error_of({"--web-port", "8090"}) ==
        "argument -P/--web-port: the web UI is the master's: give it to 'locust --master'");
  CHECK(error_of({"-P", "8090", "MyUser"}).starts_with("argument -P/--web-port: "));
  CHECK(error_of({"--autoquit=5", "--bogus"}).starts_with("argument --autoquit: this option belongs to the master"));
  CHECK(error_of({"--master"}).find("'locust --master -f locustfile.py'") != std::string::npos);
  for (const RefusedOption& option : refused_options()) {
    for (const std::string& name : names_of(option.names)) {
      CAPTURE(name);
      CHECK(error_of({name}).find(std::string(option.reason)) != std::string::npos);
    }
  }
}

TEST_CASE("variables of the master, shared by all containers of a fleet, are left alone, but no master is started") {
  CHECK(parse({}, {{"LOCUST_WEB_PORT", "8089"}, {"LOCUST_CSV", "x"}, {"LOCUST_MODE_MASTER", "false"}}).mode ==
        Mode::worker);
  CHECK(error_of({}, {{"LOCUST_MODE_MASTER", "true"}}).starts_with("environment variable LOCUST_MODE_MASTER: "));
}

TEST_CASE("--help and --version print and end with 0, whatever else is given") {
  for (const Strings& arguments : {Strings{"--help"}, Strings{"-h", "--web-port"}, Strings{"-u", "abc", "--help"}}) {
    const Exit help = exit_of(arguments);
    CHECK(help.code == 0);
    CHECK(help.text.starts_with("Usage: katydid [options] [UserClass ...]\n"));
  }
  for (const char* name : {"--version", "-V"}) {
    const Exit exit = exit_of({name});
    CHECK(exit.code == 0);
    CHECK(exit.text.starts_with("katydid " + std::string(version) + " ("));
  }
}

TEST_CASE("at least one core is usable, and no more than the machine has") {
  CHECK(usable_cores() >= 1);
  CHECK(usable_cores() <= static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
}

TEST_CASE("arguments that a test has added") {
  ArgumentParser added;
  added.add_argument("--items", {.default_value = 3, .help = "How many items to buy", .env_var = "ITEMS"});
  added.add_argument("-x,--cross-over", {.default_value = 0.5});
  added.add_argument("--fast", {.default_value = false});
  added.add_argument("--kind", {.default_value = "a", .choices = {"a", "b"}});
  added.add_argument("--key", {.default_value = Value()});
  const auto parsed = [&](const Strings& arguments, const char* items = nullptr) {
    std::vector<const char*> argv{"katydid"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const auto variables = [items](const char* name) { return std::string(name) == "ITEMS" ? items : nullptr; };
    return parse_options(static_cast<int>(argv.size()), argv.data(), variables, {}, added).parsed;
  };
  Value given = parsed({"--items", "7", "-x2", "--fast", "--kind=b", "--key", "k", "UserClass", "-u", "5"});
  CHECK(given["items"] == Value(7));
  CHECK(given["cross_over"] == Value(2.0));
  CHECK(given["fast"].as_bool());
  CHECK(given["kind"] == Value("b"));
  CHECK(given["key"] == Value("k"));
  CHECK(given["num_users"] == Value(5));
  CHECK(given["user_classes"] == Value::array("UserClass"));
  given = parsed({}, "9");
  CHECK(given["items"] == Value(9));
  CHECK(given["cross_over"] == Value(0.5));
  CHECK_FALSE(given["fast"].as_bool());
  CHECK(given["key"].is_null());

  const auto says = [&](const Strings& arguments, const char* words) {
    try {
      parsed(arguments);
      FAIL("it was taken");
    } catch (const EarlyExit& exit) {
      CAPTURE(exit.text());
      CHECK(exit.text().find(words) != std::string::npos);
    }
  };
  says({"--items", "many"}, "argument --items: invalid value 'many': expected a whole number");
  says({"--kind", "c"}, "argument --kind: invalid value 'c': choose from a, b");
  says({"--other", "1"}, "unrecognized arguments: --other");
  says({"--help"}, "How many items to buy");
  added.add_argument("--needed", {.required = true});
  says({}, "the following arguments are required: --needed");
  ArgumentParser clashing;
  clashing.add_argument("--users");
  const char* argv[] = {"katydid"};
  CHECK_THROWS_AS(parse_options(
                      1, argv, [](const char*) -> const char* { return nullptr; }, {}, clashing),
                  EarlyExit);
}

TEST_CASE("what is no name of an argument") {
  ArgumentParser parser;
  for (const char* name : {"items", "-items", "--", "-", "", "--a b", "--a,", "--items,-i"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(parser.add_argument(name), std::invalid_argument);
  }
  parser.add_argument("-i,--items");
  CHECK_THROWS_AS(parser.add_argument("--items"), std::invalid_argument);
  CHECK_THROWS_AS(parser.add_argument("-i,--other"), std::invalid_argument);
  CHECK_THROWS_AS(parser.add_argument("--list", {.default_value = Value::array(1)}), std::invalid_argument);
  CHECK_THROWS_AS(parser.add_argument("--flag", {.default_value = true}), std::invalid_argument);
}

TEST_CASE("before the locustfile is there, what it may add is let through") {
  const char* argv[] = {"katydid", "--mine", "1", "--help", "-f", "a.cpp"};
  const auto options = parse_options_for_loading(6, argv, [](const char*) -> const char* { return nullptr; }, {});
  CHECK(options.help);
  CHECK(options.locustfiles == Strings{"a.cpp"});
}
