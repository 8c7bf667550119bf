#pragma once

namespace katydid {

/// All that the program `katydid` does, for a program with user classes of its own linked in:
///
///     int main(int argc, char** argv) { return katydid::run_program(argc, argv); }
///
/// Returns the exit code; ends the process itself after --help, --version and a wrong option.
int run_program(int argc, const char* const* argv);

}  // namespace katydid
