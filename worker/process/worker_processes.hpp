#pragma once

#include <functional>

namespace katydid {

/// Forks `count` processes that each run `worker(index)` and end with its exit code, as Locust's --processes does, and
/// waits for all of them. SIGINT and SIGTERM are handed on; a process that dies is logged, and the others go on. Must
/// be called before any thread is started. Returns the largest exit code, 128 + the signal's number for one that a
/// signal ended. Throws std::system_error when a process can't be made; those made before are told to end.
int run_worker_processes(int count, const std::function<int(int index)>& worker);

}  // namespace katydid
