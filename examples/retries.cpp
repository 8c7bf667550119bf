// Asks again when the server is too busy, judges answers in JSON, and names requests.
//   katydid -f examples/retries.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Buyer : FastHttpUser {
  task<> order() {
    auto response = co_await retried({.attempts = 3, .wait = 20ms},
                                     [&] { return client.get("/fail?rate=0.25&status=503", {.name = "/order"}); });
    if (!response) log::warning("no order: {}", response.error());
  }

  task<> look() {
    auto item = co_await client.rest("GET", "/echo?id=7", {.name = "/items/[id]"});
    item.check(item.js()["query"] == "id=7", "not the item that was asked for,");
  }

  task<> pay() {
    const auto renamed = client.rename_request("/pay");
    co_await client.post("/echo?step=1", json{{"card", "4111"}});
    auto receipt = co_await client.post("/echo?step=2", json{{"code", 17}}, {.catch_response = true});
    receipt.rename("/receipt");  // what it is, is known now
  }
};

KATYDID_USER(Buyer).wait_time(constant(20ms)).task<&Buyer::order>(2).task<&Buyer::look>().task<&Buyer::pay>();
