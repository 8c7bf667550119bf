#pragma once

#include "tests/support/target/asio.hpp"
#include "tests/support/target/shared.hpp"

#include <asio/executor_work_guard.hpp>

#include <thread>
#include <unordered_set>

namespace katydid::target {

class Connection;

/// One thread with its connections and its share of the counters.
struct Loop {
  Loop(Shared& everything, std::size_t max_paths)
      : shared(everything), counters(shared.counters.add_shard(max_paths)) {}

  Shared& shared;
  CounterShard& counters;
  // The two below belong to the thread; connections leave the set when the context, made after it, lets go of them.
  std::unordered_set<Connection*> connections;
  bool stopping = false;
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  std::thread thread;
};

}  // namespace katydid::target
