#include "worker/call_hooks.hpp"

#include "worker/log/log.hpp"

#include <exception>

namespace katydid {
namespace {
constexpr log::Logger logger{"katydid.shard"};
}

void call_guarded(std::string_view what, const std::function<void()>& hook) {
  try {
    hook();
  } catch (const std::exception& error) {
    logger.error("uncaught exception in a {} hook: {}", what, error.what());
  } catch (...) {
    logger.error("uncaught exception in a {} hook", what);
  }
}

}  // namespace katydid
