// arguments.py in C++.
#include <katydid/katydid.hpp>

#include <cstdio>
#include <string>

using namespace katydid;

KATYDID_ON_INIT_COMMAND_LINE_PARSER([](ArgumentParser& parser) {
  parser.add_argument("--items", {.default_value = 3, .help = "How many items to buy"});
  parser.add_argument("-x,--cross", {.default_value = 0.5, .help = "A number"});
  parser.add_argument("--word", {.default_value = "none", .help = "A word of a variable's", .env_var = "PARITY_WORD"});
  parser.add_argument("--other-word", {.default_value = "unsaid", .help = "A word that nobody says"});
  parser.add_argument("--fast", {.default_value = false, .help = "A flag"});
  parser.add_argument("--slow", {.default_value = false, .help = "A flag that is not given"});
  parser.add_argument("--kind", {.default_value = "a", .help = "One of two", .choices = {"a", "b"}});
});

KATYDID_ON_TEST_START([](Environment& running) {
  const Value given = running.parsed_options();
  std::printf("EVENT %d %.1f %s %s\n", static_cast<int>(given["items"].as_int()), given["cross"].as_double(),
              given["word"].as_string().c_str(), given["other_word"].as_string().c_str());
  std::printf("EVENT %d %d %s\n", given["fast"].as_bool() ? 1 : 0, given["slow"].as_bool() ? 1 : 0,
              given["kind"].as_string().c_str());
  std::fflush(stdout);
});

struct Buyer : FastHttpUser {
  task<> buy() {
    const auto items = environment().parsed_options()["items"].as_int();
    co_await client.get("/hello?" + std::to_string(items));
    throw StopUser();
  }
};
KATYDID_USER(Buyer).task<&Buyer::buy>();
