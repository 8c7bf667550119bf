#include "worker/command/shell_texts.hpp"

#include "worker/command/option_table.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace katydid;

namespace {

std::string in_roff(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("the manual page and the completions have every option") {
  const std::string page = man_page();
  for (const OptionSpec& option : option_table()) {
    CAPTURE(option.names);
    CHECK(page.find("\\fB" + in_roff(option.long_name()) + "\\fR") != page.npos);
    CHECK(completion("bash").find(std::string(option.long_name()) + " ") != std::string::npos);
    CHECK(completion("zsh").find(std::string(option.long_name())) != std::string::npos);
    CHECK(completion("fish").find(" -l " + std::string(option.long_name().substr(2)) + " ") != std::string::npos);
  }
}

TEST_CASE("no line of the manual page is a command by accident") {
  std::istringstream lines(man_page());
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK_FALSE(line.starts_with('\''));
    if (line.starts_with('.')) CHECK(line.find_first_of("ABEIPST", 1) == 1);
  }
}

TEST_CASE("choices are completed, and there are three shells") {
  CHECK(completion("bash").find("--event-loop) COMPREPLY=($(compgen -W \"auto io_uring epoll asio\"") !=
        std::string::npos);
  CHECK(completion("zsh").find("(DEBUG INFO WARNING ERROR CRITICAL)") != std::string::npos);
  CHECK(completion("fish").find("-l completion -x -a 'bash zsh fish'") != std::string::npos);
  CHECK(completion("tcsh").empty());
}
