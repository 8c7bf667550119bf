#include "worker/process/throw_trace.hpp"

#include <cstring>
#include <string_view>

namespace katydid {
namespace {

struct Thrown {
  const void* exception = nullptr;
  StackTrace trace;
};

thread_local Thrown last;

/// StopUser, RescheduleTask and the like steer users: they are thrown often, and nobody looks where.
bool steers(const std::type_info& type) { return std::string_view(type.name()).starts_with("N7katydid"); }

}  // namespace

void note_throw(const void* exception, const std::type_info& type) noexcept {
  last.exception = nullptr;
  if (steers(type)) return;
  last.trace = StackTrace::here(2);
  last.exception = exception;
}

StackTrace thrown_at(const std::exception_ptr& exception) noexcept {
  // With the Itanium ABI an exception_ptr is a pointer to the exception, and nothing else.
  static_assert(sizeof exception == sizeof(void*));
  const void* object = nullptr;
  // NOLINTNEXTLINE(bugprone-undefined-memory-manipulation): only read, and as the ABI has it
  std::memcpy(&object, &exception, sizeof object);
  return object && object == last.exception ? last.trace : StackTrace();
}

}  // namespace katydid
