// Locust's examples/csrf_form_authentication.py: a form's token is sent back with it.
#include <katydid/katydid.hpp>

#include <regex>

using namespace katydid;
using namespace std::chrono_literals;

struct WebsiteUser : HttpUser {
  task<> authenticate() {
    auto form = co_await client.get("/sign-in");
    static const std::regex pattern(R"re(<form.*name="authenticity_token"[^>]*value="([^"]*)")re");
    std::smatch match;
    if (!std::regex_search(form.text(), match, pattern)) throw std::runtime_error("the form has no token");
    const std::string token = match[1];
    auto response = co_await client.post(
        "/sign-in", Form{{"user[email]", "username"}, {"user[password]", "password"}, {"authenticity_token", token}},
        {.catch_response = true});
    if (response.url().find("welcome") == std::string::npos) response.failure("Login failed");
  }
};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<&WebsiteUser::authenticate>();
