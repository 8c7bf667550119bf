#pragma once

// Under a sanitizer what is pooled elsewhere is really allocated and freed, so that a use after free is seen.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KATYDID_POOLS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KATYDID_POOLS_MEMORY 0
#endif
#endif
#ifndef KATYDID_POOLS_MEMORY
#define KATYDID_POOLS_MEMORY 1
#endif

namespace katydid {

inline constexpr bool pools_memory = KATYDID_POOLS_MEMORY;

}  // namespace katydid
