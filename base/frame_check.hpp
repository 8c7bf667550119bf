#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// GCC 12 (12.2 at least, at any optimisation level) puts a variable of its own before the two pointers that start a
/// coroutine's frame when the coroutine awaits in the condition of an if, a loop or a switch and its body declares
/// nothing at all, not even in an inner block. Such a frame can't be resumed or destroyed, and no shape of the promise
/// or the awaiter changes that. It shows where the compiler takes the frame to begin, so it is caught before it runs.
namespace katydid::detail {

#if defined(__GNUC__) && !defined(__clang__)

struct FrameCheck {
  std::uintptr_t frame = 0;
  std::size_t size = 0;
};
inline constinit thread_local FrameCheck last_frame;

inline void* note_frame(void* frame, std::size_t size) noexcept {
  last_frame = {reinterpret_cast<std::uintptr_t>(frame), size};
  return frame;
}

[[noreturn]] inline void refuse_frame() noexcept {
  std::fputs(
      "katydid: a coroutine was miscompiled by GCC, and running it would crash. It is one that awaits in a condition "
      "and "
      "declares no variable:\n"
      "    if (co_await client.get(\"/\")) ...\n"
      "Name the result first:\n"
      "    auto response = co_await client.get(\"/\");\n"
      "    if (response) ...\n",
      stderr);
  std::abort();
}

/// Between the two, a parameter's constructor may have run another coroutine: frames that don't overlap prove nothing.
inline void check_frame(std::coroutine_handle<> coroutine) noexcept {
  const auto distance = reinterpret_cast<std::uintptr_t>(coroutine.address()) - last_frame.frame;
  if (distance != 0 && distance < last_frame.size) [[unlikely]]
    refuse_frame();
}

#else

inline void* note_frame(void* frame, std::size_t) noexcept { return frame; }
inline void check_frame(std::coroutine_handle<>) noexcept {}

#endif

}  // namespace katydid::detail
