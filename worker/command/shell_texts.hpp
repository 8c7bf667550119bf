#pragma once

#include <string>
#include <string_view>

namespace katydid {

/// The manual page, in roff, from the table of options.
std::string man_page();

/// What lets a shell complete the command line: bash, zsh or fish. "" for another shell.
std::string completion(std::string_view shell);

}  // namespace katydid
