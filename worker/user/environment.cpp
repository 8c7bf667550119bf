#include "worker/user/environment.hpp"

#include <atomic>
#include <stdexcept>

namespace katydid {
namespace {
std::atomic<Environment*> current = nullptr;
}

Environment& environment() {
  Environment* found = current.load(std::memory_order_acquire);
  if (!found)
    throw std::logic_error(
        "environment() was called before a run began, when there is none yet; call it from KATYDID_ON_INIT or later");
  return *found;
}

void set_environment(Environment* running) { current.store(running, std::memory_order_release); }

}  // namespace katydid
