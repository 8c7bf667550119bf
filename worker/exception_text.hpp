#pragma once

#include "worker/any_shard.hpp"

#include <string>

namespace katydid {

/// The exception that is being handled, whatever it is, for Locust's Exceptions tab: `where` is the first line,
/// its type the last, and between them are the places in users' code, where they are known (see throw_trace.hpp).
UserException current_exception(const std::string& where);

}  // namespace katydid
