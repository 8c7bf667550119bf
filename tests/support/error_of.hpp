#pragma once

#include <stdexcept>
#include <string>

namespace katydid::test {

/// What the exception says that the call throws.
std::string error_of(auto&& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace katydid::test
