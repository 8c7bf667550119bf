// Custom messages and arguments on the worker's side; talk.py is the master's.
#include <katydid/katydid.hpp>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;

KATYDID_ON_MESSAGE("question", [](const Message& message) {
  environment().send_message("answer", json{{"question", message.data}, {"says", "fine, thank you"}});
});

struct TalkingUser : HttpUser {
  task<> shop() {
    const Value options = environment().parsed_options();
    const std::string name = options["season"].as_string() + " " + std::to_string(options["basket_size"].as_int());
    co_await client.get("/hello", {.name = name});
  }
};
KATYDID_USER(TalkingUser).host("http://127.0.0.1:9").wait_time(constant(100ms)).task<&TalkingUser::shop>();
