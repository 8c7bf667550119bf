// Customers of a shop, without waits: a login, pages whose URLs differ, a search, a cart that is checked, a form.
//   katydid -f tools/bench/realistic/users.cpp --cxxflags=-DBASE=HttpUser --master-host HOST
#include <katydid/katydid.hpp>

#include <random>
#include <string>

#ifndef BASE
#define BASE FastHttpUser
#endif

using namespace katydid;

namespace {

int below(int bound) {
  thread_local std::minstd_rand chance{2024};
  return std::uniform_int_distribution(0, bound - 1)(chance);
}

}  // namespace

struct Customer : BASE {
  task<> on_start() override { co_await client.post("/login", json{{"name", "mary"}, {"password", "quite secret"}}); }

  task<> look() {
    const std::string path = "/products/" + std::to_string(below(1'000'000));
    co_await client.get(path, {.name = "/products/[id]"});
  }

  task<> search() {
    const std::string word = "word-" + std::to_string(below(1000));
    co_await client.get(
        "/search",
        {.name = "/search", .headers = {{"Accept", "application/json"}}, .params = {{"q", word}, {"page", "2"}}});
  }

  task<> put_into_cart() {
    auto response =
        co_await client.post("/cart", json{{"product", below(1000)}, {"count", 1}}, {.catch_response = true});
    if (response.status() != 200 || !response.json()["ok"].as_bool()) response.failure("not in the cart");
  }

  task<> rate() { co_await client.post("/ratings", Form{{"stars", std::to_string(below(5))}, {"text", "as shown"}}); }
};

KATYDID_USER(Customer)
    .task<&Customer::look>(5)
    .task<&Customer::search>(2)
    .task<&Customer::put_into_cart>(2)
    .task<&Customer::rate>(1);
