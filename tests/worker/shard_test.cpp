#include "worker/shard.hpp"

#include "net/several.hpp"
#include "net/sleep.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

// What the users of a test case did; every class below counts here.
struct Seen {
  int started = 0, stopped = 0, tasks = 0, finished = 0, made = 0, destroyed = 0;
} seen;

/// Something that takes its time and is recorded, as a request is.
class FakeRequest : Timer {
 public:
  explicit FakeRequest(Loop::clock::duration duration) : Timer(&FakeRequest::done), duration_(duration) {}
  ~FakeRequest() {
    if (!context_) return;
    context_->loop.disarm(*this);
    context_->request_done();
    context_->recorder.cut_off("GET", "/fake");
  }
  bool await_ready() const { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    Context& context = *waiting.promise().context;
    if (context.parks()) return;
    waiting_ = waiting;
    context_ = &context;
    ++context.requests_in_flight;
    context.loop.arm(*this, Loop::clock::now() + duration_);
  }
  void await_resume() const {}

 private:
  static void done(Timer& timer) {
    auto& self = static_cast<FakeRequest&>(timer);
    self.context_->recorder.record({.method = "GET", .name = "/fake", .response_time = self.duration_});
    std::exchange(self.context_, nullptr)->request_done();
    self.waiting_.resume();
  }
  Loop::clock::duration duration_;
  Context* context_ = nullptr;
  std::coroutine_handle<> waiting_;
};

struct Counting : User {
  Counting() { ++seen.made; }
  ~Counting() override { ++seen.destroyed; }
  task<> on_start() override {
    ++seen.started;
    co_return;
  }
  task<> on_stop() override {
    ++seen.stopped;
    co_return;
  }
  task<> nap() {
    ++seen.tasks;
    co_await sleep(30ms);
    ++seen.finished;
  }
  task<> request() {
    ++seen.tasks;
    co_await FakeRequest(100ms);
    ++seen.finished;
    co_await sleep(1h);  // a cancelled user gets no further
    ++seen.finished;
  }
  task<> long_request() { co_await FakeRequest(1h); }
  static task<> fake(Loop::clock::duration duration) { co_await FakeRequest(duration); }
  static task<> fake_and_sleep() {
    co_await FakeRequest(30ms);
    co_await sleep(1h);
  }
  /// One child gets no further when its user is to stop, and another one has the last request.
  task<> several() {
    ++seen.tasks;
    co_await all(fake_and_sleep(), fake(60ms), fake(90ms));
    ++seen.finished;
  }
  task<> wait_twice() {
    ++seen.tasks;
    co_await all(wait(), wait(), wait());
    const auto first = co_await any(User::wait(), sleep(1ms));
    if (first.index() == 1) ++seen.finished;
    co_await FakeRequest(50ms);
    ++seen.finished;
  }
  task<> leave_all() {
    ++seen.tasks;
    co_await all(fake(1h), leave());
  }
  task<> spin() {
    ++seen.tasks;
    co_return;
  }
  task<> leave() {
    ++seen.tasks;
    throw StopUser();
    co_return;
  }
  task<> fail() {
    ++seen.tasks;
    throw std::runtime_error("no good");
    co_return;
  }
};

template <auto Member>
UserClass user_class(std::string name, WaitTime wait = {}) {
  UserClass made;
  made.name = std::move(name);
  made.make = [] { return std::unique_ptr<User>(std::make_unique<Counting>()); };
  made.tasks.push_back({detail::member_name<Member>(),
                        [](TaskOwner& owner) { return (static_cast<Counting&>(owner).*Member)(); },
                        1,
                        {}});
  made.wait = std::move(wait);
  return made;
}

/// A shard that the test turns by hand.
struct Turned {
  explicit Turned(std::vector<const UserClass*> classes) : shard({}, classes) { seen = {}; }
  void until(const std::function<bool()>& condition) {
    const auto deadline = Loop::clock::now() + 10s;
    while (!condition() && Loop::clock::now() < deadline) shard.loop().poll();
    REQUIRE(condition());
  }
  void turn_for(Loop::clock::duration duration) {
    const auto end = Loop::clock::now() + duration;
    while (Loop::clock::now() < end) shard.loop().poll();
  }
  void set(UserCounts targets, StopPolicy policy = {}) {
    bool reached = false;
    shard.set_targets({.users = std::move(targets)}, policy, [&reached] { reached = true; });
    until([&] { return reached; });
  }
  Shard shard;
};

std::uint64_t requests(const ShardReport& report) {
  std::uint64_t sum = 0;
  for (const auto& delta : report.statistics) sum += delta.total().num_requests;
  return sum;
}

std::uint64_t cut_off(const ShardReport& report) {
  std::uint64_t sum = 0;
  for (const auto& delta : report.statistics) {
    for (const auto& cut : delta.cut_off) sum += cut.requests;
  }
  return sum;
}

}  // namespace

TEST_CASE("targets are absolute: only the difference starts or stops") {
  const UserClass a = user_class<&Counting::nap>("A", constant(1ms)),
                  b = user_class<&Counting::nap>("B", constant(1ms));
  Turned turned({&a, &b});
  turned.set({{"A", 250}, {"B", 3}});
  CHECK(seen.made == 253);
  CHECK(seen.started == 253);
  turned.set({{"A", 250}, {"B", 5}});
  CHECK(seen.made == 255);
  CHECK(turned.shard.report().users == UserCounts{{"A", 250}, {"B", 5}});
  turned.set({{"A", 10}, {"B", 5}});
  CHECK(seen.stopped == 240);
  turned.until([] { return seen.destroyed == 240; });
  CHECK(turned.shard.report().users == UserCounts{{"A", 10}, {"B", 5}});
  turned.set({});
  CHECK(seen.stopped == 255);
  turned.until([] { return seen.destroyed == 255; });
  CHECK(turned.shard.report().users == UserCounts{{"A", 0}, {"B", 0}});
}

TEST_CASE("without a stop timeout a task is ended where it waits, and on_stop still runs") {
  const UserClass a = user_class<&Counting::nap>("A");
  Turned turned({&a});
  turned.set({{"A", 20}});
  const int finished = seen.finished;
  turned.set({});
  CHECK(seen.finished == finished);
  CHECK(seen.stopped == 20);
}

TEST_CASE("with a stop timeout tasks come to their end") {
  const UserClass a = user_class<&Counting::nap>("A");
  Turned turned({&a});
  turned.set({{"A", 20}});
  turned.set({}, {.task = 5s});
  CHECK(seen.tasks == 20);
  CHECK(seen.finished == 20);
}

TEST_CASE("a stop timeout that runs out ends the task") {
  const UserClass a = user_class<&Counting::request>("A");
  Turned turned({&a});
  turned.set({{"A", 3}});
  turned.until([&] { return seen.finished == 3; });  // now they sleep for an hour
  const auto start = Loop::clock::now();
  turned.set({}, {.task = 50ms});
  CHECK(Loop::clock::now() - start >= 50ms);
  CHECK(turned.shard.report().tasks_cut_short == 3);
  CHECK(seen.stopped == 3);
}

TEST_CASE("a user that waits between tasks stops at once") {
  const UserClass a = user_class<&Counting::spin>("A", constant(1h));
  Turned turned({&a});
  turned.set({{"A", 5}});
  turned.set({}, {.task = 1h});
  CHECK(seen.stopped == 5);
  CHECK(seen.tasks == 5);
}

TEST_CASE("a request on its way is received and counted, then the user goes no further") {
  const UserClass a = user_class<&Counting::request>("A");
  Turned turned({&a});
  turned.set({{"A", 7}});
  turned.set({}, {.drain = 5s});
  CHECK(seen.finished == 7);  // the line after the request, and not the one after the next wait
  const auto report = turned.shard.report();
  CHECK(requests(report) == 7);
  CHECK(cut_off(report) == 0);
}

TEST_CASE("a request that does not come back in time is cut off, and listed") {
  const UserClass a = user_class<&Counting::long_request>("A");
  Turned turned({&a});
  turned.set({{"A", 7}});
  turned.set({}, {.drain = 20ms});
  const auto report = turned.shard.report();
  CHECK(requests(report) == 0);
  CHECK(cut_off(report) == 7);
  turned.until([] { return seen.destroyed == 7; });
}

TEST_CASE("a user with several requests receives all of them, and ends when the last has come") {
  const UserClass a = user_class<&Counting::several>("A");
  Turned turned({&a});
  turned.set({{"A", 5}});
  const auto start = Loop::clock::now();
  turned.set({}, {.drain = 5s});
  CHECK(Loop::clock::now() - start < 2s);
  CHECK(seen.finished == 0);
  CHECK(seen.stopped == 5);
  const auto report = turned.shard.report();
  CHECK(requests(report) == 15);
  CHECK(cut_off(report) == 0);
}

TEST_CASE("several requests that do not come back in time are all cut off") {
  const UserClass a = user_class<&Counting::several>("A");
  Turned turned({&a});
  turned.set({{"A", 5}});
  turned.set({}, {.task = 20ms, .drain = 25ms});  // the first has come by then, the others have not
  const auto report = turned.shard.report();
  CHECK(requests(report) + cut_off(report) == 15);
  CHECK(cut_off(report) >= 5);
  CHECK(report.tasks_cut_short == 5);
}

TEST_CASE("StopUser of one of several ends the user and cuts the others off") {
  const UserClass a = user_class<&Counting::leave_all>("A");
  Turned turned({&a});
  turned.set({{"A", 4}});
  turned.until([&] { return seen.destroyed == 4; });
  CHECK(seen.stopped == 4);
  const auto report = turned.shard.report();
  CHECK(cut_off(report) == 4);
  CHECK(report.exceptions.empty());
}

TEST_CASE("several children may wait() at once, and a wait that is given up leaves the task a task") {
  const UserClass a = user_class<&Counting::wait_twice>(
      "A", [n = 0](User&) mutable { return std::chrono::milliseconds(++n % 4 == 0 ? 3'600'000 : 1); });
  Turned turned({&a});
  turned.set({{"A", 1}});
  turned.until([&] { return seen.finished == 1; });
  turned.set({}, {.task = 5s});  // the task is not one that waits, so it comes to its end
  CHECK(seen.tasks == 1);
  CHECK(seen.finished == 2);
}

TEST_CASE("users that are gone are torn down a few at a time, and one by one while an answer is waited for") {
  const UserClass a = user_class<&Counting::nap>("A", constant(1h)), b = user_class<&Counting::request>("B");
  Turned turned({&a, &b});
  turned.set({{"A", 200}, {"B", 1}});
  turned.until([] { return seen.finished == 200; });
  bool reached = false;
  turned.shard.set_targets({.users = {}}, {.drain = 5s}, [&] { reached = true; });
  turned.until([] { return seen.stopped == 200; });
  const int before = seen.destroyed;
  for (int turn = 0; turn < 5; ++turn) turned.shard.loop().poll();
  REQUIRE_FALSE(reached);
  CHECK(seen.destroyed > before);
  CHECK(seen.destroyed <= before + 5);
  turned.until([&] { return reached; });
  turned.until([] { return seen.destroyed == 201; });
}

TEST_CASE("a shorter policy hastens users that are stopping already") {
  const UserClass a = user_class<&Counting::long_request>("A");
  Turned turned({&a});
  turned.set({{"A", 2}});
  bool slow = false, quick = false;
  turned.shard.set_targets({.users = {}}, {.task = 1h, .drain = 1h}, [&] { slow = true; });
  turned.turn_for(20ms);
  turned.shard.set_targets({.users = {}}, {.drain = 10ms}, [&] { quick = true; });
  turned.until([&] { return quick; });
  CHECK_FALSE(slow);
}

TEST_CASE("tasks that never suspend leave the loop its turn") {
  const UserClass a = user_class<&Counting::spin>("A");
  Turned turned({&a});
  turned.set({{"A", 2}});
  turned.turn_for(20ms);
  CHECK(seen.tasks > 10);
  turned.set({});
  turned.until([] { return seen.destroyed == 2; });
}

TEST_CASE("a user that ends itself is not started again until the target says so") {
  const UserClass a = user_class<&Counting::leave>("A");
  Turned turned({&a});
  turned.set({{"A", 4}});
  turned.until([&] { return seen.destroyed == 4; });
  CHECK(seen.stopped == 4);
  CHECK(turned.shard.report().users == UserCounts{{"A", 0}});
  turned.set({{"A", 5}});
  CHECK(seen.made == 9);
}

TEST_CASE("what a task throws is reported once a kind, and the user goes on") {
  const UserClass a = user_class<&Counting::fail>("A", constant(1ms));
  Turned turned({&a});
  turned.set({{"A", 1}});
  turned.until([&] { return seen.tasks >= 3; });
  const auto report = turned.shard.report();
  REQUIRE(report.exceptions.size() == 1);
  const auto& [exception, count] = *report.exceptions.begin();
  CHECK(exception.message == "no good");
  CHECK(exception.traceback.find("  in Counting::fail, user class A") != std::string::npos);
  CHECK(exception.traceback.find("std::runtime_error: no good") != std::string::npos);
  CHECK(count == static_cast<std::uint64_t>(seen.tasks));
  CHECK(turned.shard.report().exceptions.empty());
}

TEST_CASE("what a wait time throws is reported and ends its user, which still stops in order") {
  for (const bool is_exception : {true, false}) {
    const UserClass a = user_class<&Counting::spin>("A", [=](User&) -> std::chrono::milliseconds {
      if (is_exception) throw std::runtime_error("no idea");
      throw 5;
    });
    Turned turned({&a});
    turned.set({{"A", 3}});
    turned.until([&] { return seen.destroyed == 3; });
    CHECK(seen.tasks == 3);
    CHECK(seen.stopped == 3);
    const auto report = turned.shard.report();
    CHECK(report.users == UserCounts{{"A", 0}});
    REQUIRE(report.exceptions.size() == 1);
    const auto& [exception, count] = *report.exceptions.begin();
    CHECK(exception.message == (is_exception ? "no idea" : "something was thrown that is not a std::exception"));
    CHECK(exception.traceback.find("  in wait_time, user class A") != std::string::npos);
    CHECK(count == 3);
  }
}

namespace {

struct FakeEnvironment final : Environment {
  FakeEnvironment() { set_environment(this); }
  ~FakeEnvironment() override { set_environment(nullptr); }
  std::string host() const override { return {}; }
  Value parsed_options() const override { return Value::object(); }
  int worker_index() const override { return -1; }
  void send_message(std::string_view, Value) override {}
  void quit() override { ++quits; }
  int quits = 0;
};

struct Stopping : Counting {
  task<> on_start() override {
    if (where == "on_start") throw StopTest("out of stock");
    return Counting::on_start();
  }
  task<> run() {
    ++seen.tasks;
    if (where == "task") throw StopTest("out of stock");
    co_return;
  }
  static inline std::string where;
};

}  // namespace

TEST_CASE("StopTest ends its user, and the test once, wherever it is thrown") {
  FakeEnvironment environment;
  UserClass a;
  a.name = "A";
  a.make = []() -> std::unique_ptr<User> {
    if (Stopping::where == "constructor") throw StopTest("out of stock");
    return std::make_unique<Stopping>();
  };
  a.tasks.push_back({"run", [](TaskOwner& owner) { return static_cast<Stopping&>(owner).run(); }, 1, {}});
  a.wait = [](User&) {
    if (Stopping::where == "wait_time") throw StopTest("out of stock");
    return 1ms;
  };
  for (const std::string where : {"constructor", "on_start", "task", "wait_time"}) {
    CAPTURE(where);
    Stopping::where = where;
    environment.quits = 0;
    Turned turned({&a});
    turned.set({{"A", 3}});
    const int made = where == "constructor" ? 0 : 3;
    turned.until([&] { return environment.quits > 0 && seen.destroyed == made; });
    CHECK(environment.quits == 1);
    CHECK(seen.stopped == made);
    CHECK(turned.shard.report().exceptions.empty());
  }
}

TEST_CASE("waits of poisson() are as long as they should be on average") {
  using Seconds = std::chrono::duration<double>;
  constexpr int count = 20'000;
  Seconds total{};
  int below_mean = 0;
  const UserClass a = user_class<&Counting::spin>("A", [&, wait = poisson(50)](User& user) {
    WaitTime::State state;
    for (int i = 0; i < count; ++i) {
      const Seconds each = wait.next(user, state);
      CHECK(each >= Seconds::zero());
      total += each;
      if (each < 20ms) ++below_mean;
    }
    return 1h;
  });
  Turned turned({&a});
  turned.set({{"A", 1}});
  turned.until([&] { return total > Seconds::zero(); });
  CHECK(total.count() / count == doctest::Approx(0.02).epsilon(0.1));
  CHECK(static_cast<double>(below_mean) / count == doctest::Approx(0.632).epsilon(0.05));
}

TEST_CASE("a wait time may end its user by StopUser") {
  const UserClass a = user_class<&Counting::spin>("A", [](User&) -> std::chrono::seconds { throw StopUser(); });
  Turned turned({&a});
  turned.set({{"A", 1}});
  turned.until([&] { return seen.destroyed == 1; });
  CHECK(seen.tasks == 1);
  CHECK(turned.shard.report().exceptions.empty());
}

TEST_CASE("a wait time that is no number ends its user, and one that is negative is none") {
  const UserClass a = user_class<&Counting::spin>("A", [](User&) { return std::chrono::duration<double>(NAN); });
  const UserClass b = user_class<&Counting::spin>("B", [](User&) { return -5ms; });
  Turned turned({&a, &b});
  turned.set({{"A", 1}});
  turned.until([&] { return seen.destroyed == 1; });
  CHECK(seen.tasks == 1);
  const auto report = turned.shard.report();
  REQUIRE(report.exceptions.size() == 1);
  CHECK(report.exceptions.begin()->first.message == "a wait time must be a number");
  turned.set({{"B", 1}});
  turned.until([&] { return seen.tasks >= 10; });
  CHECK(turned.shard.report().exceptions.empty());
}

TEST_CASE("whatever a user throws, at its beginning and its end, is reported") {
  const auto reported = [](std::unique_ptr<User> (*make)()) {
    UserClass a = user_class<&Counting::spin>("A", constant(1ms));
    a.make = make;
    Turned turned({&a});
    turned.set({{"A", 1}});
    turned.set({});
    const auto report = turned.shard.report();
    REQUIRE(report.exceptions.size() == 1);
    return report.exceptions.begin()->first;
  };
  struct ThrowsAnInt : Counting {
    ThrowsAnInt() { throw 5; }
  };
  CHECK(reported([] { return std::unique_ptr<User>(std::make_unique<ThrowsAnInt>()); }).message ==
        "cannot start users of class A: something was thrown that is not a std::exception");
  struct ThrowsAtStart : Counting {
    task<> on_start() override { throw 5; }
  };
  CHECK(reported([] {
          return std::unique_ptr<User>(std::make_unique<ThrowsAtStart>());
        }).traceback.starts_with("  in on_start, user class A\nunknown exception: "));
  struct ThrowsAtStop : Counting {
    task<> on_stop() override { throw std::runtime_error("no end"); }
  };
  CHECK(reported([] { return std::unique_ptr<User>(std::make_unique<ThrowsAtStop>()); }).message == "no end");
}

TEST_CASE("a class without tasks after the tags is reported, and the others run") {
  const UserClass a = user_class<&Counting::spin>("A", constant(1ms));
  UserClass b = user_class<&Counting::spin>("B", constant(1ms));
  b.tasks.front().tags = {"wanted"};
  Turned turned({&a, &b});
  turned.shard.begin_test({.tags = {"wanted"}});
  turned.set({{"A", 2}, {"B", 2}});
  const auto report = turned.shard.report();
  CHECK(report.users == UserCounts{{"A", 0}, {"B", 2}});
  CHECK(report.exceptions.size() == 1);
}

TEST_CASE("constant_pacing starts tasks at a steady rate whatever they take") {
  const UserClass a = user_class<&Counting::nap>("A", constant_pacing(50ms));
  Turned turned({&a});
  turned.set({{"A", 1}});
  turned.turn_for(520ms);
  CHECK(seen.tasks >= 9);
  CHECK(seen.tasks <= 11);
}
