#include "net/resolver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A name server under the test's control. Lookups of "slow…" wait for let_go(); it outlives the pool's threads, which
/// share it.
struct NameServer {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, int> asked;
  bool released = false;
  int waiting = 0;

  ResolvedHost look_up(const std::string& host) {
    std::unique_lock lock(mutex);
    const int time = ++asked[host];
    if (host.starts_with("slow")) {
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [&] { return released; });
    }
    if (host == "throws") throw std::runtime_error("out of luck");
    if (host.starts_with("unknown")) return {.addresses = {}, .error = name_resolution_error(host)};
    return {.addresses = {*SocketAddress::literal("192.0.2." + std::to_string(time))}, .error = {}};
  }
  void let_go() {
    std::lock_guard lock(mutex);
    released = true;
    changed.notify_all();
  }
  int times(const std::string& host) {
    std::lock_guard lock(mutex);
    return asked[host];
  }
  void wait_for(int lookups) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 10s, [&] { return waiting >= lookups; }));
  }
};

struct Fixture {
  std::shared_ptr<NameServer> server = std::make_shared<NameServer>();
  LookupPool pool{[server = server](const std::string& host) { return server->look_up(host); }};
  Loop loop;
  Loop::clock::time_point time = Loop::clock::now();
  Resolver resolver{loop, {.pool = &pool, .now = [this] { return time; }}};
  ~Fixture() { server->let_go(); }
};

struct Waiter : Resolution {
  Waiter() : Resolution(&Waiter::on_done) {}
  static void on_done(Resolution& resolution) { ++static_cast<Waiter&>(resolution).calls; }
  int calls = 0;
};

template <class Condition>
void turn_until(Loop& loop, Condition condition) {
  const auto deadline = Loop::clock::now() + 30s;
  while (!condition() && Loop::clock::now() < deadline) {
    loop.poll();
    std::this_thread::sleep_for(100us);
  }
  REQUIRE(condition());
}

HostAnswer ask(Loop& loop, Resolver& resolver, std::string_view host) {
  Waiter waiter;
  if (!resolver.resolve(waiter, host)) turn_until(loop, [&] { return waiter.calls == 1; });
  REQUIRE(waiter.answer());
  return waiter.answer();
}

std::string first_of(const HostAnswer& answer) {
  return answer->addresses.empty() ? answer->error : answer->addresses[0].text();
}

}  // namespace

TEST_CASE("localhost resolves, to loopback addresses alone") {
  Loop loop;
  Resolver resolver(loop);
  const auto answer = ask(loop, resolver, "localhost");
  CHECK(answer->error.empty());
  REQUIRE_FALSE(answer->addresses.empty());
  for (const auto& address : answer->addresses) {
    CHECK_MESSAGE((address.text() == "127.0.0.1:0" || address.text() == "[::1]:0"), address.text());
  }
  const auto twice = std::adjacent_find(answer->addresses.begin(), answer->addresses.end());
  CHECK(twice == answer->addresses.end());
}

TEST_CASE("a name that does not exist is an error that says so") {
  Loop loop;
  Resolver resolver(loop);
  const auto answer = ask(loop, resolver, "katydid.invalid");
  CHECK(answer->addresses.empty());
  // Where no name server can be reached, that is what it says in brackets.
  CHECK(answer->error.starts_with("NameResolutionError: cannot resolve host 'katydid.invalid'"));
}

TEST_CASE("literal addresses are answered at once, and without a lookup") {
  Fixture fixture;
  for (const char* host : {"127.0.0.1", "::1", "[::1]"}) {
    Waiter waiter;
    REQUIRE(fixture.resolver.resolve(waiter, host));
    CHECK(waiter.answer()->addresses.size() == 1);
    CHECK_FALSE(waiter.pending());
  }
  CHECK(fixture.server->asked.empty());
}

TEST_CASE("what cannot be a name fails at once") {
  Fixture fixture;
  for (const std::string_view host : {std::string_view(""), std::string_view("\0x", 2)}) {
    Waiter waiter;
    REQUIRE(fixture.resolver.resolve(waiter, host));
    CHECK(waiter.answer()->error == "NameResolutionError: cannot resolve host ''");
  }
  CHECK(fixture.resolver.size() == 0);
}

TEST_CASE("answers are kept for a minute, failures for a second") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  CHECK(first_of(ask(loop, resolver, "site")) == "192.0.2.1:0");
  CHECK(first_of(ask(loop, resolver, "unknown")) == "NameResolutionError: cannot resolve host 'unknown'");
  time += 999ms;
  Waiter waiter;
  CHECK(resolver.resolve(waiter, "unknown"));
  CHECK_FALSE(waiter.answer()->error.empty());
  time += 1ms;
  CHECK_FALSE(resolver.resolve(waiter, "unknown"));
  CHECK_FALSE(waiter.answer());
  turn_until(loop, [&] { return waiter.calls == 1; });
  CHECK(server->times("unknown") == 2);
  time += 58'999ms;
  CHECK(resolver.resolve(waiter, "site"));
  CHECK(first_of(waiter.answer()) == "192.0.2.1:0");
  CHECK(server->times("site") == 1);
  time += 1ms;
  CHECK(first_of(ask(loop, resolver, "site")) == "192.0.2.2:0");
}

TEST_CASE("users who ask for the same name at the same time share a lookup, on whatever loop") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  Resolver second(loop, {.pool = &pool});
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (int i = 0; i < 100; ++i) {
    waiters.push_back(std::make_unique<Waiter>());
    CHECK_FALSE((i % 2 ? resolver : second).resolve(*waiters.back(), "slow"));
    CHECK(waiters.back()->pending());
  }
  server->wait_for(1);
  loop.poll();
  CHECK(waiters[0]->calls == 0);
  server->let_go();
  turn_until(loop, [&] { return std::ranges::all_of(waiters, [](auto& each) { return each->calls == 1; }); });
  for (const auto& waiter : waiters) CHECK(first_of(waiter->answer()) == "192.0.2.1:0");
  CHECK(server->times("slow") == 1);
}

TEST_CASE("a slow name does not hold up another, and no more than four threads are made") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  Waiter slow[6];
  CHECK_FALSE(resolver.resolve(slow[0], "slow0"));
  CHECK(first_of(ask(loop, resolver, "quick")) == "192.0.2.1:0");
  for (int i = 1; i < 6; ++i) CHECK_FALSE(resolver.resolve(slow[i], "slow" + std::to_string(i)));
  server->wait_for(4);
  std::this_thread::sleep_for(20ms);
  {
    std::lock_guard lock(server->mutex);
    CHECK(server->waiting == 4);
  }
  server->let_go();
  turn_until(loop, [&] { return std::ranges::all_of(slow, [](auto& each) { return each.calls == 1; }); });
}

TEST_CASE("whoever cancels or is destroyed is not called, and the answer is kept all the same") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  auto gone = std::make_unique<Waiter>();
  Waiter cancelled, stays;
  CHECK_FALSE(resolver.resolve(*gone, "slow"));
  CHECK_FALSE(resolver.resolve(cancelled, "slow"));
  CHECK_FALSE(resolver.resolve(stays, "slow"));
  gone.reset();
  cancelled.cancel();
  CHECK_FALSE(cancelled.pending());
  server->let_go();
  turn_until(loop, [&] { return stays.calls == 1; });
  CHECK(cancelled.calls == 0);
  CHECK_FALSE(cancelled.answer());
  CHECK(resolver.resolve(cancelled, "slow"));
}

TEST_CASE("a pending resolution that asks for another name waits for that one alone") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  Waiter waiter;
  CHECK_FALSE(resolver.resolve(waiter, "slow"));
  CHECK_FALSE(resolver.resolve(waiter, "quick"));
  turn_until(loop, [&] { return waiter.calls == 1; });
  server->let_go();
  Waiter other;
  if (!resolver.resolve(other, "slow")) turn_until(loop, [&] { return other.calls == 1; });
  CHECK(waiter.calls == 1);
}

TEST_CASE("a callback may end others who wait, ask again, or end the resolver") {
  Fixture fixture;
  auto& [server, pool, loop, time, ignored] = fixture;
  struct Ending : Resolution {
    Ending() : Resolution(&Ending::on_done) {}
    static void on_done(Resolution& resolution) {
      auto& self = static_cast<Ending&>(resolution);
      self.victim.reset();
      CHECK(self.resolver->resolve(self.again, "slow"));
      if (self.ends) self.resolver.reset();
    }
    std::unique_ptr<Waiter> victim = std::make_unique<Waiter>();
    std::optional<Resolver> resolver;
    Waiter again;
    bool ends = true;
  } ending;
  ending.resolver.emplace(loop, ResolverSettings{.pool = &pool});
  Waiter after;
  CHECK_FALSE(ending.resolver->resolve(ending, "slow"));
  CHECK_FALSE(ending.resolver->resolve(*ending.victim, "slow"));
  CHECK_FALSE(ending.resolver->resolve(after, "slow"));
  server->let_go();
  turn_until(loop, [&] { return !ending.resolver; });
  CHECK_FALSE(after.pending());
  CHECK(after.calls == 0);
}

TEST_CASE("an exception of the lookup is an error of the name") {
  Fixture fixture;
  CHECK(ask(fixture.loop, fixture.resolver, "throws")->error ==
        "NameResolutionError: cannot resolve host 'throws' (out of luck)");
}

TEST_CASE("resolver, loop and pool go while a lookup is under way") {
  const auto server = std::make_shared<NameServer>();
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  auto pool = std::make_unique<LookupPool>([=](const std::string& host) { return server->look_up(host); });
  Waiter waiter;
  {
    Loop loop;
    Resolver resolver(loop, {.pool = pool.get()});
    CHECK_FALSE(resolver.resolve(waiter, "slow"));
    server->wait_for(1);
  }
  CHECK_FALSE(waiter.pending());
  pool->look_up("slow", [=](const HostAnswer&) { *answered = true; });
  pool.reset();
  server->let_go();
  for (int i = 0; i < 30'000 && !*answered; ++i) std::this_thread::sleep_for(1ms);
  CHECK(*answered);
  CHECK(waiter.calls == 0);
}

TEST_CASE("resolvers end at any moment of a lookup") {
  const auto server = std::make_shared<NameServer>();
  LookupPool pool([=](const std::string& host) { return server->look_up(host); });
  for (int i = 0; i < 500; ++i) {
    Loop loop;
    Waiter waiter;
    Resolver resolver(loop, {.pool = &pool});
    resolver.resolve(waiter, "site" + std::to_string(i));
    for (int spin = 0; spin < i % 50; ++spin) std::this_thread::yield();
    if (i % 3 == 0) loop.poll();
  }
}

TEST_CASE("a pool that goes drops what no thread has begun") {
  const auto server = std::make_shared<NameServer>();
  const auto dropped = std::make_shared<std::atomic<bool>>(false);
  {
    LookupPool pool([=](const std::string& host) { return server->look_up(host); }, 1);
    pool.look_up("slow", [](const HostAnswer&) {});
    server->wait_for(1);
    pool.look_up("later", [=](const HostAnswer&) { *dropped = true; });
  }
  server->let_go();
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(*dropped);
  CHECK(server->times("later") == 0);
}

TEST_CASE("many names do not make the cache grow without end") {
  Fixture fixture;
  auto& [server, pool, loop, time, resolver] = fixture;
  for (int i = 0; i < 2'000; ++i) {
    Waiter waiter;
    REQUIRE(resolver.resolve(waiter, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
    time += 1s;
  }
  CHECK(resolver.size() <= 256);
}
