#include "worker/command/option_table.hpp"

#include "worker/command/option_values.hpp"
#include "worker/process/words.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace katydid;
using Strings = std::vector<std::string>;

namespace {

Strings names_of(std::string_view names) { return split_commas(names); }

}  // namespace

TEST_CASE("every option of Locust is either taken or refused") {
  const Strings locust = split_words(R"(
      --help --locustfile --config --host --users --spawn-rate --run-time --list --config-users --web-host
      --web-host-display-name --web-port --headless --autostart --autoquit --headful --web-auth --web-login
      --tls-cert --tls-key --class-picker --build-path --legacy-ui --master --master-bind-host
      --master-bind-port --expect-workers --expect-workers-max-wait --enable-rebalancing --expect-slaves
      --worker --processes --slave --master-host --master-port --web-base-path --tags --exclude-tags --csv
      --csv-full-history --print-stats --only-summary --reset-stats --html --json --json-file --skip-log-setup
      --loglevel --logfile --show-task-ratio --show-task-ratio-json --version --exit-code-on-error
      --stop-timeout --equal-weights --profile --otel --hatch-rate --modern-ui -f -H -u -r -t -l -P -T -E -L -V
      -s -h)");
  const auto knows = [](std::string_view names, const std::string& name) {
    const Strings all = names_of(names);
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  for (const std::string& name : locust) {
    CAPTURE(name);
    const auto taken = std::ranges::count_if(option_table(), [&](const auto& o) { return knows(o.names, name); });
    const auto refused = std::ranges::count_if(refused_options(), [&](const auto& o) { return knows(o.names, name); });
    CHECK(taken + refused == 1);
  }
}

TEST_CASE("the help names every option, value and variable, within the terminal's width") {
  for (const char* columns : {"60", "80", "120"}) {
    const std::string text = help_text(static_cast<std::size_t>(std::stoi(columns)));
    for (const OptionSpec& option : option_table()) {
      CAPTURE(option.names);
      const Strings names = names_of(option.names);
      const std::string head = names.size() == 2 ? names[0] + ", " + names[1] : names[0];
      CHECK(text.find("\n  " + head + (option.value.empty() ? "" : " " + std::string(option.value))) !=
            std::string::npos);
      for (const std::string& variable : names_of(option.environment)) {
        CHECK(text.find(variable) != std::string::npos);
      }
    }
    std::istringstream lines(text.substr(0, text.find("Examples:")));
    for (std::string line; std::getline(lines, line);) {
      CHECK_MESSAGE(line.size() <= static_cast<std::size_t>(std::stoi(columns)), line);
      CHECK_MESSAGE(!line.ends_with(' '), line);
    }
  }
}

TEST_CASE("docs/options.md speaks of every option and variable") {
  const auto file = std::filesystem::path(KATYDID_DOCS) / "options.md";
  std::ifstream stream(file);
  std::stringstream page;
  page << stream.rdbuf();
  REQUIRE(page.str().size() > 1000);
  const auto check = [&page](std::string_view names) {
    for (const std::string& name : names_of(names)) {
      CHECK_MESSAGE(page.str().find("`" + name) != std::string::npos, name);
    }
  };
  for (const OptionSpec& option : option_table()) {
    check(option.names);
    check(option.environment);
  }
  for (const RefusedOption& option : refused_options()) check(option.names);
}
