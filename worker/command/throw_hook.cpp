// Part of the program `katydid` alone: exceptions of locustfiles come by here, and where they were thrown is noted.
#include "worker/process/throw_trace.hpp"

#include <dlfcn.h>

#ifdef KATYDID_HOOKS_THROW

// `void*` where the ABI has std::type_info*: so GCC declares it by itself.
extern "C" [[noreturn]] void __cxa_throw(void* exception, void* type, void (*destroy)(void*)) {
  using Throw = void (*)(void*, void*, void (*)(void*));
  static const auto really_throw = reinterpret_cast<Throw>(::dlsym(RTLD_NEXT, "__cxa_throw"));
  katydid::note_throw(exception, *static_cast<const std::type_info*>(type));
  really_throw(exception, type, destroy);
  __builtin_unreachable();
}

#endif
