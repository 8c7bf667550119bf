#pragma once

#include "base/task.hpp"

namespace katydid {

/// Whose tasks are run: a user, or a task set that it is in.
class TaskOwner {
 public:
  TaskOwner() = default;
  virtual ~TaskOwner() = default;
  TaskOwner(const TaskOwner&) = delete;
  TaskOwner& operator=(const TaskOwner&) = delete;

  /// Before the first task. What it throws is reported. It ends a user; a task set is left, without its on_stop.
  virtual task<> on_start() { co_return; }
  /// When a user stops, or leaves its task set, whatever made it do so. What it throws is reported.
  virtual task<> on_stop() { co_return; }
};

}  // namespace katydid
