#include "worker/command/python_program.hpp"

#include "worker/process/subprocess.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace katydid {
namespace {

/// What -f says, before anything else of the command line is looked at: options of Locust's that are unknown here may
/// well be known there.
std::string_view locustfiles(int argc, const char* const* argv) {
  std::string_view found;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if ((word == "-f" || word == "--locustfile") && i + 1 < argc) {
      found = argv[++i];
    } else if (word.starts_with("--locustfile=")) {
      found = word.substr(word.find('=') + 1);
    } else if (word.starts_with("-f") && word.size() > 2) {
      found = word.substr(2);
    }
  }
  if (found.empty()) {
    if (const char* variable = std::getenv("LOCUST_LOCUSTFILE")) found = variable;
  }
  return found;
}

bool has_package(const char* interpreter) {
  try {
    return run_subprocess({interpreter, "-c", "import katydid.main"}).exit_code == 0;
  } catch (const std::system_error&) {
    return false;  // there is none of that name
  }
}

}  // namespace

void hand_over_python(int argc, const char* const* argv) {
  const std::string_view files = locustfiles(argc, argv);
  if (!files.ends_with(".py")) return;
  // These are answered here, and a probe should not have to wait for Python.
  const std::span words(argv, static_cast<std::size_t>(argc));
  if (std::ranges::any_of(words, [](std::string_view word) { return word == "--health" || word == "--print-goals"; }))
    return;
  for (const char* interpreter : {"python3", "python"}) {
    if (!has_package(interpreter)) continue;
    std::vector<char*> arguments;
    for (const char* word : {interpreter, "-m", "katydid"}) arguments.push_back(const_cast<char*>(word));
    for (int i = 1; i < argc; ++i) arguments.push_back(const_cast<char*>(argv[i]));
    arguments.push_back(nullptr);
    ::execvp(interpreter, arguments.data());
    throw std::runtime_error(std::string("cannot run ") + interpreter + ": " + std::strerror(errno));
  }
  throw std::runtime_error(
      std::string(files) +
      " is a Python locustfile, and running it needs the Python package katydid. The first python3 "
      "in PATH does not have it: install it there with 'pip install katydid'");
}

}  // namespace katydid
