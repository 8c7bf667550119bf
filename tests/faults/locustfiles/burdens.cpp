// Users that are a burden to the worker itself: test_burdens.py says which.
#include <katydid/katydid.hpp>

#include <atomic>
#include <stdexcept>
#include <string_view>

using namespace katydid;
using namespace std::chrono_literals;

template <class Base>
struct Failing : Base {
  using Base::client;
  task<> fail() { co_await client.get("/status/500"); }
};
template <class Base>
struct TimingOut : Base {
  using Base::client;
  task<> time_out() { co_await client.get("/hang", {.name = "too slow", .timeout = 2s}); }
};
template <class Base>
struct Circling : Base {
  using Base::client;
  task<> circle() { co_await client.get("/redirect-loop", {.name = "circle"}); }
};
template <class Base>
struct Loading : Base {
  using Base::client;
  task<> load() { co_await client.get("/bytes/67108864", {.name = "large"}); }
};
template <class Base>
struct Discarding : Base {
  using Base::client;
  task<> discard() { co_await client.get("/bytes/67108864", {.name = "large", .discard_body = true}); }
};
template <class Base>
struct Streaming : Base {
  using Base::client;
  task<> stream() {
    auto answer = co_await client.get("/bytes/67108864", {.name = "large", .stream = true});
    for (std::string_view piece = "?"; !piece.empty();) piece = co_await answer.read(64 * 1024);
  }
};
template <class Base>
struct Trickling : Base {
  using Base::client;
  task<> trickle() { co_await client.get("/slow-body?bytes=3600&chunk=1&interval_ms=1000", {.name = "trickle"}); }
};
template <class Base>
struct Naming : Base {
  using Base::client;
  task<> name() {
    static std::atomic<int> next = 0;
    co_await client.get("/hello", {.name = "name " + std::to_string(next++ % 10'000)});
  }
};
template <class Base>
struct Logging : Base {
  using Base::client;
  task<> log() {
    co_await client.get("/hello");
    for (int line = 0; line < 1'000; ++line) log::info("line {} of a user that has much to say", line);
  }
};

#define BURDEN(Class, method, wait)                                       \
  struct Curl##Class : Class<HttpUser> {};                                \
  struct Fast##Class : Class<FastHttpUser> {};                            \
  KATYDID_USER(Curl##Class).wait_time(wait).task<&Curl##Class::method>(); \
  KATYDID_USER(Fast##Class).wait_time(wait).task<&Fast##Class::method>()

BURDEN(Failing, fail, constant(1s));
BURDEN(TimingOut, time_out, constant(100ms));
BURDEN(Circling, circle, constant(1s));
BURDEN(Loading, load, constant(100ms));
BURDEN(Discarding, discard, constant(100ms));
BURDEN(Streaming, stream, constant(100ms));
BURDEN(Trickling, trickle, constant(100ms));
BURDEN(Naming, name, constant(5ms));
BURDEN(Logging, log, constant(100ms));
