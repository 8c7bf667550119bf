// Locust's examples/custom_messages.py, the worker's side: names from the master, one for each user.
#include <katydid/katydid.hpp>

#include <mutex>

using namespace katydid;
using namespace std::chrono_literals;

std::mutex mutex;  // users run on several threads
std::vector<std::string> usernames;

KATYDID_ON_MESSAGE("test_users", [](const Message& message) {
  std::lock_guard lock(mutex);
  for (const Value& user : message.data.as_array()) usernames.push_back(user["name"].as_string());
  const auto thanks = "Thanks for the " + std::to_string(message.data.size()) + " users!";
  environment().send_message("acknowledge_users", thanks);
  environment().send_message("concurrent_message", "Message to concurrent handler");
});

struct WebsiteUser : HttpUser {
  std::string username;

  WebsiteUser() {
    std::lock_guard lock(mutex);
    if (usernames.empty()) throw std::runtime_error("the master has sent too few names");
    username = usernames.back();
    usernames.pop_back();
  }
  task<> tell() {
    log::info("{}", username);
    co_return;
  }
};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<&WebsiteUser::tell>();
