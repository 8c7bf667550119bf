// Users who log in: a token that goes with each request, a session cookie, and a server that asks for a digest.
//   katydid -f examples/login.cpp --headless -u 6 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct TokenUser : FastHttpUser {
  task<> on_start() override { co_await log_in(); }

  task<> log_in() {
    auto answer = co_await client.post("/echo", json{{"token", "t0ken"}}, {.name = "/login"});
    if (!answer.ok()) throw StopUser();
    token = Value::parse(answer.json()["body"].as_string())["token"].as_string();
  }

  task<> account() {
    auto answer = co_await client.get("/bearer/t0ken", {.name = "/account", .bearer = token});
    if (answer.status() == 401) co_await log_in();
  }

  std::string token;
};
KATYDID_USER(TokenUser).wait_time(constant(100ms)).task<&TokenUser::account>();

struct CookieUser : FastHttpUser {
  task<> on_start() override { co_await client.get("/cookies/set?session=s3cret", {.name = "/session"}); }

  task<> basket() {
    auto answer = co_await client.get("/cookies", {.name = "/basket", .catch_response = true});
    if (answer.text().find("s3cret") == std::string::npos) answer.failure("not logged in");
  }
};
KATYDID_USER(CookieUser).wait_time(constant(100ms)).task<&CookieUser::basket>();

struct DigestUser : FastHttpUser {
  task<> report() { co_await client.get("/digest-auth/ann/secret", {.name = "/report", .digest = {"ann", "secret"}}); }
};
KATYDID_USER(DigestUser).wait_time(constant(100ms)).task<&DigestUser::report>();
