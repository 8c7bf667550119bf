#pragma once

#include <stdexcept>
#include <string>

namespace katydid::test {

/// What the exception says that the call throws.
std::string error_of(auto&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace katydid::test
