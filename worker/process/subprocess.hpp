#pragma once

#include <string>
#include <vector>

namespace katydid {

struct SubprocessResult {
  int exit_code = 0;     ///< 128 + the signal's number when a signal ended it, as in a shell
  std::string output{};  ///< stdout and stderr, in the order in which they were written
};

/// Runs a program to its end, without stdin; the first word is looked up in PATH. Throws std::system_error when it
/// can't be started. From any thread.
SubprocessResult run_subprocess(const std::vector<std::string>& command);

}  // namespace katydid
