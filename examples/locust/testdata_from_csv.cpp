// Locust's examples/testdata_from_csv.py: rows of a file, again and again.
#include <katydid/katydid.hpp>

using namespace katydid;

CsvFeeder accounts("../data/accounts.csv");

struct DemoUser : FastHttpUser {
  task<> t() {
    const Row account = accounts.next(*this);
    auto response =
        co_await client.post("/authenticate", json{{"username", account["name"]}, {"password", account["password"]}},
                             {.catch_response = true});
    if (!response.ok()) co_return;
    const auto message = response.json().get("message", "");
    if (message.find("Welcome") == std::string::npos) response.failure("bad response: " + message);
  }
};
KATYDID_USER(DemoUser).host("http://127.0.0.1:8089").task<&DemoUser::t>();
