// Users that get their data from files: each account is for one user only, and the orders come again and again.
//   katydid -f examples/feeders.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

CsvFeeder accounts("data/accounts.csv", {.order = Order::once});
JsonLinesFeeder orders("data/orders.jsonl");

struct Customer : FastHttpUser {
  task<> on_start() override {
    const Row account = accounts.next(*this);
    co_await client.post("/echo", Form{{"user", account["name"]}, {"password", account["password"]}},
                         {.name = "/login"});
  }

  task<> order() { co_await client.post("/echo", orders.next(*this), {.name = "/order"}); }
};

KATYDID_USER(Customer).wait_time(constant(100ms)).task<&Customer::order>();
