#pragma once

#include "worker/user/arrival_rate.hpp"
#include "worker/user/task_definition.hpp"
#include "worker/user/task_set.hpp"
#include "worker/user/unique_name.hpp"
#include "worker/user/user.hpp"
#include "worker/user/wait_time.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace katydid {

/// A user class as a locustfile registered it, with its type erased: what Locust reads off a class's attributes.
struct UserClass {
  using Task = TaskDefinition;

  std::string name;
  std::unique_ptr<User> (*make)() = nullptr;
  std::vector<Task> tasks;
  WaitTime wait;
  int weight = 1;
  int fixed_count = 0;  // 0: by weight
  std::string host{};
  std::optional<ArrivalRate> arrival_rate{};  ///< in place of the wait time

  /// The tasks that tags (Locust's filter_tasks_by_tags) and the class picker leave.
  std::vector<const Task*> tasks_in(const TestSettings& settings) const;
  void set_wait(WaitTime wait_time);
  void set_arrival_rate(const ArrivalRate& rate);
  /// The class picker's, or the class's own; "" when there is none.
  const std::string& host_in(const TestSettings& settings) const;

  /// All that the loaded locustfiles registered, in order.
  static std::vector<std::unique_ptr<UserClass>>& registered();
  static UserClass& add(std::string_view name, std::unique_ptr<User> (*make)());
  /// The one of that name; nullptr: there is none.
  static UserClass* find_registered(std::string_view name);
  /// For errors: "Buyer, Visitor", or "none".
  static std::string registered_names();
};

/// The tasks that a locustfile adds. Apart from the template, as every locustfile would have to compile it.
class TaskList {
 protected:
  TaskList(std::string what, std::vector<TaskDefinition>& tasks);

  /// Throws std::invalid_argument. @{
  void require(bool holds, const char* what) const;
  void add(std::string name, task<> (*run)(TaskOwner&), int weight, const TaskOptions& options);
  void add(TaskSetClass& set, int weight, const TaskOptions& options);
  void add_transition(std::string to, int weight);
  /// @}

 private:
  void add(TaskDefinition&& added);

  std::string what_;
  std::vector<TaskDefinition>* tasks_;
};

/// What user classes and task sets have in common: tasks.
template <class T, class Builder>
class TaskListBuilder : protected TaskList {
 public:
  /// A task, a member `task<> name()` of the class or of a base; the weight is its share of the picks.
  template <auto Member>
  Builder& task(int weight = 1, const TaskOptions& options = {}) {
    static_assert(std::is_base_of_v<typename detail::TaskOwnerOf<decltype(Member)>::type, T>,
                  "a task is a member function of the class that it is a task of: katydid::task<> name()");
    add(detail::member_name<Member>(), &detail::run_member<Member, T>, weight, options);
    return static_cast<Builder&>(*this);
  }
  /// A task set as a task. Its tags are those of all of its tasks.
  template <class Set>
  Builder& task(int weight = 1, const TaskOptions& options = {}) {
    static_assert(std::is_base_of_v<AnyTaskSet, Set>,
                  "a task is a member function, .task<&Shopper::browse>(), or a class derived from TaskSet");
    if constexpr (std::is_base_of_v<AnyTaskSet, Set>) {
      if constexpr (std::is_base_of_v<AnyTaskSet, T>) {
        static_assert(std::is_base_of_v<typename Set::user_type, typename T::user_type>,
                      "a task set is for other users than the one that it is nested in");
      } else {
        static_assert(std::is_base_of_v<typename Set::user_type, T>, "this task set is for users of another class");
      }
      add(detail::task_set_class<Set>(), weight, options);
    }
    return static_cast<Builder&>(*this);
  }

 protected:
  TaskListBuilder(std::string what, std::vector<TaskDefinition>& tasks) : TaskList(std::move(what), tasks) {}
};

/// What KATYDID_USER gives: `KATYDID_USER(Shopper).weight(3).wait_time(between(1s, 5s)).task<&Shopper::browse>(3);`
template <class T>
class UserClassBuilder : public TaskListBuilder<T, UserClassBuilder<T>> {
 public:
  explicit UserClassBuilder(UserClass& user_class)
      : TaskListBuilder<T, UserClassBuilder>("KATYDID_USER(" + user_class.name + ")", user_class.tasks),
        class_(&user_class) {}

  /// How many users of this class there are in comparison with the others'.
  UserClassBuilder& weight(int weight) {
    this->require(weight >= 0, "weight must not be negative");
    class_->weight = weight;
    return *this;
  }
  /// Exactly so many users, before the rest is shared by weight.
  UserClassBuilder& fixed_count(int count) {
    this->require(count >= 0, "fixed_count must not be negative");
    class_->fixed_count = count;
    return *this;
  }
  /// constant, between, constant_pacing, constant_throughput, constant_total_throughput, poisson, or a function of the
  /// user:
  /// `[](User&) { return 1s; }`.
  UserClassBuilder& wait_time(WaitTime wait) {
    class_->set_wait(std::move(wait));
    return *this;
  }
  /// Tasks begin at this rate, by all users of the class together, whatever the others still wait for. It takes the
  /// place of the wait time, and the users become a pool: a task that is due takes one that is free. If none is, it is
  /// dropped and counted.
  UserClassBuilder& arrival_rate(const ArrivalRate& rate) {
    class_->set_arrival_rate(rate);
    return *this;
  }
  /// Used when neither --host nor the master names one.
  UserClassBuilder& host(std::string_view host) {
    class_->host = host;
    return *this;
  }

 private:
  UserClass* class_;
};

/// What KATYDID_TASK_SET gives.
template <class T>
class TaskSetBuilder : public TaskListBuilder<T, TaskSetBuilder<T>> {
 public:
  explicit TaskSetBuilder(TaskSetClass& set)
      : TaskListBuilder<T, TaskSetBuilder>("KATYDID_TASK_SET(" + set.name + ")", set.tasks), class_(&set) {}

  /// In place of the user's.
  TaskSetBuilder& wait_time(WaitTime wait) {
    class_->set_wait(std::move(wait));
    return *this;
  }
  /// Of a MarkovTaskSet: what may follow the task that stands before, Locust's @transition. @{
  template <auto Member>
  TaskSetBuilder& transition(int weight = 1) {
    return leads_to(detail::member_name<Member>(), weight);
  }
  template <class Set>
  TaskSetBuilder& transition(int weight = 1) {
    return leads_to(detail::task_set_class<Set>().name, weight);
  }
  /// @}

 private:
  TaskSetBuilder& leads_to(std::string to, int weight) {
    static_assert(T::order == TaskOrder::markov, "only a MarkovTaskSet has transitions");
    this->add_transition(std::move(to), weight);
    return *this;
  }

  TaskSetClass* class_;
};

template <class T>
UserClassBuilder<T> register_user_class(std::string_view name) {
  static_assert(std::is_base_of_v<User, T>, "a user class derives from katydid::User, HttpUser or another user class");
  static_assert(std::is_default_constructible_v<T>, "a user class needs a default constructor");
  return UserClassBuilder<T>(UserClass::add(name, [] { return std::unique_ptr<User>(std::make_unique<T>()); }));
}

}  // namespace katydid

/// Registers a user class under its own name, which is the name that the master must know it by (--master-locustfile).
#define KATYDID_USER(Class)                                                               \
  [[maybe_unused]] static const ::katydid::UserClassBuilder<Class> katydid_user_##Class = \
      ::katydid::register_user_class<Class>(#Class)

/// Gives a task set its tasks: `KATYDID_TASK_SET(Browse).task<&Browse::list>(3).task<&Browse::leave>();`
#define KATYDID_TASK_SET(...)                                                                              \
  [[maybe_unused]] static const ::katydid::TaskSetBuilder<__VA_ARGS__> KATYDID_UNIQUE(katydid_task_set_) = \
      ::katydid::TaskSetBuilder<__VA_ARGS__>(::katydid::detail::task_set_class<__VA_ARGS__>())
