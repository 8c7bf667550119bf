// Users that make requests; load.py is the same in Python, and says what each class is for.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct HelloUser : HttpUser {
  task<> on_start() override { co_await client.get("/status/201", {.name = "start"}); }
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(HelloUser).wait_time(constant(100ms)).task<&HelloUser::hello>();

struct HeavyUser : HttpUser {
  task<> often() { co_await client.get("/hello", {.name = "often"}); }
  task<> seldom() { co_await client.get("/hello", {.name = "seldom"}); }
};
KATYDID_USER(HeavyUser).weight(3).wait_time(constant(100ms)).task<&HeavyUser::often>(3).task<&HeavyUser::seldom>();

struct FixedUser : HttpUser {
  task<> fixed() { co_await client.get("/hello", {.name = "fixed"}); }
};
KATYDID_USER(FixedUser).fixed_count(2).wait_time(constant(100ms)).task<&FixedUser::fixed>();

struct BusyUser : HttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(BusyUser).task<&BusyUser::hello>();

struct EagerUser : HttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(EagerUser).wait_time(constant(10ms)).task<&EagerUser::hello>();

struct LazyUser : HttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(LazyUser).wait_time(constant(2s)).task<&LazyUser::hello>();

struct FastEagerUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(FastEagerUser).wait_time(constant(10ms)).task<&FastEagerUser::hello>();

struct FastLazyUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(FastLazyUser).wait_time(constant(2s)).task<&FastLazyUser::hello>();

struct FastBusyUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(FastBusyUser).task<&FastBusyUser::hello>();

template <class Base>
struct Several : Base {
  using Base::client;
  task<> page() {
    TaskGroup browser(6);
    for (int n = 1; n <= 10; ++n) co_await browser.run(client.get("/delay/" + std::to_string(n), {.name = "image"}));
    co_await browser.finished();
    co_await all(client.get("/hello"), client.get("/delay/5"), nested());
  }
  task<> nested() {
    co_await client.get("/delay/20");
    co_await all(client.get("/hello"), client.get("/delay/15"));
  }
};
struct SeveralUser : Several<HttpUser> {};
struct FastSeveralUser : Several<FastHttpUser> {};
KATYDID_USER(SeveralUser).wait_time(constant(10ms)).task<&SeveralUser::page>();
KATYDID_USER(FastSeveralUser).wait_time(constant(10ms)).task<&FastSeveralUser::page>();

struct PatientUser : HttpUser {
  task<> long_task() {
    co_await client.get("/delay/1500", {.name = "slow half"});
    co_await client.get("/hello", {.name = "quick half"});
  }
};
KATYDID_USER(PatientUser).task<&PatientUser::long_task>();

struct StubbornUser : HttpUser {
  task<> endless() {
    co_await client.get("/hello");
    co_await client.get("/delay/60000");
  }
};
KATYDID_USER(StubbornUser).task<&StubbornUser::endless>();

struct LeavingUser : HttpUser {
  task<> hello() { co_await client.get("/hello"); }
  task<> on_stop() override { co_await client.get("/status/202", {.name = "goodbye"}); }
};
KATYDID_USER(LeavingUser).wait_time(constant(100ms)).task<&LeavingUser::hello>();

struct DelayUser : HttpUser {
  task<> delay() { co_await client.get("/delay/100"); }
};
KATYDID_USER(DelayUser).task<&DelayUser::delay>();

struct TaggedUser : HttpUser {
  task<> read() { co_await client.get("/hello", {.name = "read"}); }
  task<> write() { co_await client.post("/hello", "x", {.name = "write"}); }
  task<> plain() { co_await client.get("/hello", {.name = "plain"}); }
};
KATYDID_USER(TaggedUser)
    .wait_time(constant(50ms))
    .task<&TaggedUser::read>(1, {.tags = {"read"}})
    .task<&TaggedUser::write>(1, {.tags = {"write", "slow"}})
    .task<&TaggedUser::plain>();
