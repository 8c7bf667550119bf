#pragma once

#include "worker/user/user.hpp"
#include "worker/user/wait_time.hpp"

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace katydid {

struct TaskOptions {
  std::vector<std::string> tags{};
};

/// A user class as a locustfile registered it, with its type erased: what Locust reads off a class's attributes.
struct UserClass {
  struct Task {
    std::string name;  // "Shopper::browse"
    katydid::task<> (*run)(User&);
    int weight;
    std::vector<std::string> tags;

    /// "browse", the name that the master knows it by.
    std::string_view short_name() const { return std::string_view(name).substr(name.rfind(':') + 1); }
  };

  std::string name;
  std::unique_ptr<User> (*make)() = nullptr;
  std::vector<Task> tasks;
  WaitTime wait;
  int weight = 1;
  int fixed_count = 0;  // 0: by weight
  std::string host{};

  /// The tasks that tags (Locust's filter_tasks_by_tags) and the class picker leave.
  std::vector<const Task*> tasks_in(const TestSettings& settings) const;
  /// The class picker's, or the class's own; "" when there is none.
  const std::string& host_in(const TestSettings& settings) const;

  /// All that the loaded locustfiles registered, in order.
  static std::vector<std::unique_ptr<UserClass>>& registered();
};

namespace detail {

template <class Member>
struct TaskOwner;
template <class T>
struct TaskOwner<task<> (T::*)()> {
  using type = T;
};

/// "Shopper::browse", out of the compiler's own name for this function.
template <auto Member>
std::string member_name() {
  std::string_view name = __PRETTY_FUNCTION__;
  const auto start = name.find("Member = ");
  if (start == name.npos) return "task";
  name.remove_prefix(start + 9);
  name = name.substr(0, name.find_first_of(";]"));
  if (name.starts_with('&')) name.remove_prefix(1);
  for (std::string_view unnamed : {"{anonymous}::", "(anonymous namespace)::"}) {
    if (name.starts_with(unnamed)) name.remove_prefix(unnamed.size());
  }
  return std::string(name);
}

}  // namespace detail

/// What KATYDID_USER gives: `KATYDID_USER(Shopper).weight(3).wait_time(between(1s, 5s)).task<&Shopper::browse>(3);`
template <class T>
class UserClassBuilder {
 public:
  explicit UserClassBuilder(UserClass& user_class) : class_(&user_class) {}

  /// How many users of this class there are in comparison with the others'.
  UserClassBuilder& weight(int weight) {
    require(weight >= 0, "weight must not be negative");
    class_->weight = weight;
    return *this;
  }
  /// Exactly so many users, before the rest is shared by weight.
  UserClassBuilder& fixed_count(int count) {
    require(count >= 0, "fixed_count must not be negative");
    class_->fixed_count = count;
    return *this;
  }
  /// constant, between, constant_pacing, constant_throughput, or a function of the user: `[](User&) { return 1s; }`.
  UserClassBuilder& wait_time(WaitTime wait) {
    class_->wait = std::move(wait);
    return *this;
  }
  /// Used when neither --host nor the master names one.
  UserClassBuilder& host(std::string_view host) {
    class_->host = host;
    return *this;
  }
  /// A task, a member `task<> name()` of the class or of a base; the weight is its share of the picks.
  template <auto Member>
  UserClassBuilder& task(int weight = 1, TaskOptions options = {}) {
    static_assert(std::is_base_of_v<typename detail::TaskOwner<decltype(Member)>::type, T>,
                  "a task is a member function of the user class: katydid::task<> name()");
    require(weight > 0, "a task's weight must be positive");
    class_->tasks.push_back({detail::member_name<Member>(),
                             [](User& user) { return (static_cast<T&>(user).*Member)(); }, weight,
                             std::move(options.tags)});
    return *this;
  }

 private:
  void require(bool holds, const char* what) const {
    if (!holds) throw std::invalid_argument("KATYDID_USER(" + class_->name + "): " + what);
  }
  UserClass* class_;
};

template <class T>
UserClassBuilder<T> register_user_class(std::string_view name) {
  static_assert(std::is_base_of_v<User, T>, "a user class derives from katydid::User, HttpUser or another user class");
  static_assert(std::is_default_constructible_v<T>, "a user class needs a default constructor");
  auto& added = UserClass::registered().emplace_back(std::make_unique<UserClass>());
  added->name = name;
  added->make = [] { return std::unique_ptr<User>(std::make_unique<T>()); };
  return UserClassBuilder<T>(*added);
}

}  // namespace katydid

/// Registers a user class under its own name, which is the name that the master must know it by (--master-locustfile).
#define KATYDID_USER(Class)                                                               \
  [[maybe_unused]] static const ::katydid::UserClassBuilder<Class> katydid_user_##Class = \
      ::katydid::register_user_class<Class>(#Class)
