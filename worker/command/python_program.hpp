#pragma once

namespace katydid {

/// A command line whose -f (or LOCUST_LOCUSTFILE) names Python files is run by the Python package, in place of this
/// process: does not return then. Throws std::runtime_error where that package is not there.
void hand_over_python(int argc, const char* const* argv);

}  // namespace katydid
