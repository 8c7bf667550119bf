#pragma once

#include "base/task.hpp"
#include "worker/user/environment.hpp"
#include "worker/user/task_definition.hpp"
#include "worker/user/task_owner.hpp"
#include "worker/user/user.hpp"
#include "worker/user/wait_time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

namespace katydid {

class RunningUser;

/// Thrown by a task to leave its task set; TaskSet::interrupt() does it.
struct InterruptTaskSet : std::exception {
  explicit InterruptTaskSet(bool next_at_once = true) : reschedule(next_at_once) {}
  const char* what() const noexcept override { return "InterruptTaskSet"; }
  bool reschedule;
};

enum class TaskOrder { random, sequential, markov };

/// What TaskSet, SequentialTaskSet and MarkovTaskSet have in common.
class AnyTaskSet : public TaskOwner {
 public:
  /// Leaves this task set, after its on_stop. The user's next task comes at once, or, with `reschedule` false, after a
  /// wait.
  [[noreturn]] static void interrupt(bool reschedule = true) { throw InterruptTaskSet(reschedule); }
  /// The wait that there is between two tasks. A user that is to stop ends in it.
  task<> wait();
  /// Runs this task next, in place of one that chance or the order would choose, as in Locust: behind those that were
  /// scheduled before, or, with `first`, before them. It need not be registered. Throws std::bad_cast where it is no
  /// task of this set's class. @{
  template <auto Member>
  void schedule_task(bool first = false);
  template <class Set>
  void schedule_task(bool first = false);
  /// @}
  /// What runs next where no task was scheduled: by chance or by the order, as the kind of set says. To choose in
  /// another way, override it, as in Locust: `const TaskDefinition& get_next_task() override { return full_ ?
  /// next<&Browse::pay>() : TaskSet::get_next_task(); }`. What it throws counts as thrown by a task.
  virtual const TaskDefinition& get_next_task();

  Environment& environment() const { return katydid::environment(); }
  /// The task set that this one is nested in; throws std::bad_cast where it is no Outer, or where there is none.
  template <class Outer>
  Outer& parent() const {
    if (!parent_) throw std::bad_cast();
    return dynamic_cast<Outer&>(*parent_);
  }

 protected:
  /// Only a running user makes task sets; throws std::logic_error elsewhere.
  AnyTaskSet();
  User& owner() const { return user_; }
  /// For get_next_task(): this task, or this task set. It need not be registered. Throws std::bad_cast where it is no
  /// task of this set's class. @{
  template <auto Member>
  const TaskDefinition& next() const;
  template <class Set>
  const TaskDefinition& next() const;
  /// @}

 private:
  friend RunningUser;
  void schedule(const TaskDefinition& scheduled, bool first);
  /// Takes it; nullptr where there is none.
  const TaskDefinition* next_scheduled();

  RunningUser& running_;
  User& user_;
  AnyTaskSet* parent_;
  std::vector<const TaskDefinition*> scheduled_;
};

/// Tasks that belong together, Locust's `TaskSet`. A user that picks one stays in it until a task calls interrupt().
/// `U` is the user class that it belongs to, or a base of it: `struct Browse : TaskSet<Shopper> { … };`, registered
/// with `KATYDID_TASK_SET(Browse).task<&Browse::list>(3);` and used as a task: `.task<Browse>(2)`.
template <class U = User>
class TaskSet : public AnyTaskSet {
 public:
  using user_type = U;
  static constexpr TaskOrder order = TaskOrder::random;
  U& user() const {
    static_assert(std::is_base_of_v<User, U>, "TaskSet<U>: U is a user class");
    return static_cast<U&>(owner());
  }
  /// The user's.
  auto& client() const { return user().client; }
};

/// A task set whose tasks run in the order in which they were registered, each as often as its weight says: Locust's
/// `SequentialTaskSet`.
template <class U = User>
class SequentialTaskSet : public TaskSet<U> {
 public:
  static constexpr TaskOrder order = TaskOrder::sequential;
};

/// A task set that begins with its first task and goes on by chance, as the transitions say: Locust's `MarkovTaskSet`.
/// `KATYDID_TASK_SET(Walk).task<&Walk::look>().transition<&Walk::buy>(1).transition<&Walk::look>(3)…`
template <class U = User>
class MarkovTaskSet : public TaskSet<U> {
 public:
  static constexpr TaskOrder order = TaskOrder::markov;
};

/// A task set as a locustfile registered it, with its type erased.
struct TaskSetClass {
  std::string name;  // "Shopper::Browse"
  std::unique_ptr<AnyTaskSet> (*make)() = nullptr;
  TaskOrder order = TaskOrder::random;
  std::vector<TaskDefinition> tasks{};
  std::vector<std::string> tags{};
  std::optional<WaitTime> wait{};  ///< none: the user's

  void set_wait(WaitTime wait_time);
  /// The tasks that tags leave: Locust's filter_tasks_by_tags, which lets a MarkovTaskSet be.
  std::vector<const TaskDefinition*> tasks_in(const TestSettings& settings) const;
  /// Checks what can't be checked before all of a locustfile is there, task sets within it included: that there are
  /// tasks, and, of a MarkovTaskSet, what Locust checks. Throws std::runtime_error that says what is wrong; `warn` is
  /// called with what is only odd.
  void check(void (*warn)(const std::string& what)) const;
};

namespace detail {

template <class T>
TaskSetClass& task_set_class() {
  static_assert(std::is_base_of_v<AnyTaskSet, T>,
                "a task set derives from katydid::TaskSet, SequentialTaskSet or MarkovTaskSet");
  static_assert(std::is_default_constructible_v<T>, "a task set needs a default constructor");
  static TaskSetClass made{.name = type_name<T>(),
                           .make = [] { return std::unique_ptr<AnyTaskSet>(std::make_unique<T>()); },
                           .order = T::order};
  return made;
}

}  // namespace detail

template <auto Member>
const TaskDefinition& AnyTaskSet::next() const {
  using T = typename detail::TaskOwnerOf<decltype(Member)>::type;
  static const TaskDefinition definition{.name = detail::member_name<Member>(), .run = &detail::run_member<Member, T>};
  (void)dynamic_cast<const T&>(*this);
  return definition;
}

template <class Set>
const TaskDefinition& AnyTaskSet::next() const {
  TaskSetClass& set = detail::task_set_class<Set>();
  static const TaskDefinition definition{.name = set.name, .set = &set};
  return definition;
}

template <auto Member>
void AnyTaskSet::schedule_task(bool first) {
  schedule(next<Member>(), first);
}

template <class Set>
void AnyTaskSet::schedule_task(bool first) {
  schedule(next<Set>(), first);
}

}  // namespace katydid
