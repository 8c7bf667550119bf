// Locust's examples/add_command_line_argument.py: arguments of the test's own.
#include <katydid/katydid.hpp>

using namespace katydid;

KATYDID_ON_INIT_COMMAND_LINE_PARSER([](ArgumentParser& parser) {
  parser.add_argument("--my-argument", {.help = "It's working", .env_var = "LOCUST_MY_ARGUMENT"});
  // Others are refused. The master's page shows a list to choose from.
  parser.add_argument("--env", {.default_value = "dev", .help = "Environment", .choices = {"dev", "staging", "prod"}});
  parser.add_argument("--my-ui-invisible-argument", {.default_value = "I am invisible", .include_in_web_ui = false});
  parser.add_argument("--my-ui-password-argument", {.default_value = "I am a secret", .is_secret = true});
  parser.add_argument("--my-ui-boolean-argument", {.default_value = false});
  parser.add_argument("--my-ui-required-argument", {.default_value = "I am required", .is_required = true});
});

KATYDID_ON_TEST_START([](Environment& environment) {
  log::info("Custom argument supplied: {}", environment.parsed_options()["my_argument"].as_string());
});

struct WebsiteUser : HttpUser {
  task<> my_task() {
    const Value options = environment().parsed_options();
    log::info("my_argument={}", options["my_argument"].as_string());
    log::info("my_ui_invisible_argument={}", options["my_ui_invisible_argument"].as_string());
    co_return;
  }
};
KATYDID_USER(WebsiteUser).task<&WebsiteUser::my_task>();
