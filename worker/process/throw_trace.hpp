#pragma once

#include "worker/process/stack_trace.hpp"

#include <exception>
#include <typeinfo>

namespace katydid {

/// Where exceptions were thrown, in programs that tell: `katydid` does, by a __cxa_throw of its own. Of each thread
/// the last one is kept. @{
void note_throw(const void* exception, const std::type_info& type) noexcept;
/// Empty where it is not known.
StackTrace thrown_at(const std::exception_ptr& exception) noexcept;
/// @}

}  // namespace katydid
