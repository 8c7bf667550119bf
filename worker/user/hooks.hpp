#pragma once

#include "base/value.hpp"
#include "worker/user/unique_name.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace katydid {

class Environment;

/// A custom message of the master, as Locust's listeners get it.
struct Message {
  std::string type;
  Value data;
};

/// What locustfiles hang on a test: Locust's events `init`, `test_start` and `test_stop`, and register_message().
/// All are called on the thread of the first shard, so a slow one delays that shard's users and nothing else.
struct Hooks {
  using Hook = std::function<void(Environment&)>;
  using MessageListener = std::function<void(const Message&)>;
  std::vector<Hook> init, test_start, test_stop;
  std::map<std::string, MessageListener, std::less<>> messages;

  /// The ones that the loaded locustfiles registered.
  static Hooks& registered();
};

namespace detail {
struct Register {
  explicit Register(void (*registration)(Hooks&)) { registration(Hooks::registered()); }
};
}  // namespace detail

}  // namespace katydid

#define KATYDID_HOOK_(list, ...)                                          \
  static const ::katydid::detail::Register KATYDID_UNIQUE(katydid_hook_)( \
      [](::katydid::Hooks& hooks) { hooks.list.push_back(__VA_ARGS__); })

/// KATYDID_ON_TEST_START([](Environment& env) { … }); before the first user of a test starts.
#define KATYDID_ON_TEST_START(...) KATYDID_HOOK_(test_start, __VA_ARGS__)
/// After the last user of a test has stopped.
#define KATYDID_ON_TEST_STOP(...) KATYDID_HOOK_(test_stop, __VA_ARGS__)
/// Once, when the worker is ready.
#define KATYDID_ON_INIT(...) KATYDID_HOOK_(init, __VA_ARGS__)
/// KATYDID_ON_MESSAGE("users", [](const Message& message) { … });
#define KATYDID_ON_MESSAGE(type, ...)                                     \
  static const ::katydid::detail::Register KATYDID_UNIQUE(katydid_hook_)( \
      [](::katydid::Hooks& hooks) { hooks.messages.insert_or_assign(type, __VA_ARGS__); })
