#pragma once

#include "worker/any_shard.hpp"

#include <string>

namespace katydid {

/// The exception that is being handled, whatever it is, for Locust's Exceptions tab: `where` is the line above its
/// type.
UserException current_exception(const std::string& where);

}  // namespace katydid
