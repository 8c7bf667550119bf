// GCC 12 copies some temporaries of a co_await expression bitwise and destroys them twice. These are the expressions
// that scenarios write; the address sanitizer is what makes the test strict.
#include "base/value.hpp"

#include <doctest/doctest.h>

#include <coroutine>
#include <exception>
#include <string>

using namespace katydid;

namespace {

/// The least that can be a coroutine, so that nothing but Value is under test.
class Coroutine {
 public:
  struct promise_type {
    Coroutine get_return_object() { return Coroutine(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  explicit Coroutine(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;
  ~Coroutine() { frame_.destroy(); }
  bool done() const { return frame_.done(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

struct Options {
  std::string_view name;
  bool catch_response = false;
};

std::coroutine_handle<> suspended;

/// Suspends once, so that the temporaries of the expression have to live in the coroutine's frame.
class Reply {
 public:
  explicit Reply(std::string text) : text_(std::move(text)) {}
  Reply(Reply&&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) { suspended = waiting; }
  std::string await_resume() { return std::move(text_); }

 private:
  std::string text_;
};

Reply post(std::string_view path, const Value& body, const Options& options = {}) {
  return Reply(std::string(path) + body.dump() + std::string(options.name));
}

const std::string heap = "long enough to live on the heap, which is what a double free needs";

Coroutine scenario(std::string& seen) {
  seen += co_await post("/a", json{{"user", "ann"}});
  seen += co_await post("/b", {{"user", heap}}, {.name = "b"});
  seen += co_await post("/c", {{"user", heap}, {"id", 42}}, {.name = "c", .catch_response = true});
  seen += co_await post("/d", json{{"deep", json{{"deeper", {{"text", heap}, {"n", 1.5}}}}}, {"z", nullptr}});
  seen += co_await post("/e", json::array(1, heap, json{{"a", heap}}));
  for (int i = 0; i < 2; ++i) {
    seen += co_await post("/f" + std::to_string(i),
                          json{{"i", i}, {"list", json::array(heap, std::to_string(i) + heap)}}, {.name = heap});
  }
  if ((co_await post("/g", {{"user", std::string_view(heap)}})).empty()) seen += "wrong";
}

const std::string expected =
    "/a{\"user\":\"ann\"}"
    "/b{\"user\":\"" +
    heap +
    "\"}b"
    "/c{\"user\":\"" +
    heap +
    "\",\"id\":42}c"
    "/d{\"deep\":{\"deeper\":{\"text\":\"" +
    heap +
    "\",\"n\":1.5}},\"z\":null}"
    "/e[1,\"" +
    heap + "\",{\"a\":\"" + heap +
    "\"}]"
    "/f0{\"i\":0,\"list\":[\"" +
    heap + "\",\"0" + heap + "\"]}" + heap + "/f1{\"i\":1,\"list\":[\"" + heap + "\",\"1" + heap + "\"]}" + heap;

}  // namespace

TEST_CASE("values are made in co_await expressions") {
  std::string seen;
  const Coroutine running = scenario(seen);
  while (!running.done()) suspended.resume();
  CHECK(seen == expected);
}

TEST_CASE("a coroutine that is destroyed while it waits frees its values once") {
  for (int steps = 0; steps < 8; ++steps) {
    std::string seen;
    const Coroutine running = scenario(seen);
    for (int i = 0; i < steps; ++i) suspended.resume();
    CHECK(expected.starts_with(seen));
  }
}
