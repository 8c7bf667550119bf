#pragma once

#include "tests/simulated/master.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace katydid::simulated {

/// Locust's UsersDispatcher, with two classes of the same weight: who of the workers gets how many users, step by step.
struct Master::Dispatcher {
  explicit Dispatcher(std::vector<std::string> ids) : workers(std::move(ids)) {
    on_workers = nobody();
    before = on_workers;
  }

  void new_dispatch(std::int64_t users, std::int64_t rate) {
    target = users;
    step = std::max<std::int64_t>(1, rate);
    before = on_workers;
    stage = Stage::first;
    in_progress = true;
    ++generation;
  }

  /// The next spawn messages; nullptr: all are out. After each it has to wait where it sleeps().
  const std::map<std::string, Counts>* next() {
    pausing = false;
    if (stage == Stage::first) {
      stage = Stage::steps;
      if (std::exchange(rebalance, false)) {
        if (current == target) stage = Stage::forgotten;
        return &on_workers;
      }
      if (current == target) {
        stage = Stage::done;
        in_progress = false;
        return &before;
      }
    }
    if (stage == Stage::forgotten) return nullptr;  // without a word that it is over, as Locust's is
    if (stage == Stage::done) return nullptr;
    if (std::exchange(rebalance, false)) return &on_workers;
    if (current == target || workers.empty()) {
      in_progress = false;
      return nullptr;
    }
    for (std::int64_t i = 0; i < step && current != target; ++i) {
      if (current < target) {
        add();
      } else {
        remove();
      }
    }
    pausing = current != target;
    return &on_workers;
  }
  bool sleeps() const { return pausing; }
  std::chrono::seconds wait() const { return std::chrono::seconds(1); }

  void add_worker(const std::string& id) {
    workers.push_back(id);  // even one that is there already
    std::ranges::sort(workers);
    prepare_rebalance();
  }
  void remove_worker(const std::string& id) {
    std::erase(workers, id);
    if (!workers.empty()) prepare_rebalance();
  }

  void prepare_rebalance() {
    const std::int64_t users = current;
    active.clear();
    current = 0;
    added = 0;
    on_workers = nobody();
    while (current < users) add();
    rebalance = true;
  }
  std::map<std::string, Counts> nobody() const {
    std::map<std::string, Counts> users;
    for (const std::string& id : workers) {
      for (const std::string& name : Master::classes) users[id][name] = 0;
    }
    return users;
  }
  void add() {
    const std::string& id = workers[added % workers.size()];
    const std::string& name = Master::classes[added++ / workers.size() % Master::classes.size()];
    ++on_workers[id][name];
    active.emplace_back(id, name);
    ++current;
  }
  void remove() {
    const auto [id, name] = active.back();
    active.pop_back();
    --on_workers[id][name];
    --current;
  }

  enum class Stage { first, steps, forgotten, done };
  std::vector<std::string> workers;
  std::map<std::string, Counts> on_workers, before;
  std::vector<std::pair<std::string, std::string>> active;
  std::int64_t current = 0, target = 0, step = 1;
  std::size_t added = 0;
  std::uint64_t generation = 0;
  Stage stage = Stage::first;
  bool in_progress = false, rebalance = false, pausing = false;
};

}  // namespace katydid::simulated
