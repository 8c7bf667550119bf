// What test_real_servers.py asks of real servers, with both clients. KINDS_ENDING is what a user does after a second:
// "StopUser", "quit" or nothing.
#include <katydid/katydid.hpp>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

using namespace katydid;

template <class Kind>
struct Kinds : Kind {
  task<> ask() {
    co_await this->client.get("/small");
    co_await this->client.get("/large");
    co_await this->client.get("/large", {.discard_body = true});
    {
      auto response = co_await this->client.get("/pieces", {.stream = true});
      for (auto piece = co_await response.read(); !piece.empty(); piece = co_await response.read()) {
      }
    }
    {
      auto response = co_await this->client.get("/half", {.stream = true});
      co_await response.read();
    }
    co_await this->client.put("/text", text);
    co_await this->client.put("/made", body_from([left = 100](std::span<char> room) mutable -> std::size_t {
                                return left-- > 0 ? std::string_view("one piece of many").copy(room.data(), room.size())
                                                  : 0;
                              }));
    const char* const ending = std::getenv("KINDS_ENDING");
    if (!ending || std::chrono::steady_clock::now() < born + std::chrono::seconds(1)) co_return;
    if (ending == std::string_view("StopUser")) throw StopUser();
    if (ending == std::string_view("quit")) this->environment().quit();
  }
  const std::chrono::steady_clock::time_point born = std::chrono::steady_clock::now();
  std::shared_ptr<const std::string> text = std::make_shared<const std::string>(300'000, 'x');
};

struct FastKinds : Kinds<FastHttpUser> {};
KATYDID_USER(FastKinds).task<&FastKinds::ask>();
struct HttpKinds : Kinds<HttpUser> {};
KATYDID_USER(HttpKinds).task<&HttpKinds::ask>();
