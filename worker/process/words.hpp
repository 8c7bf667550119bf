#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The words of a command line as a shell splits them: by white space, with quotes and backslashes. Throws BadValue for
/// a quote that is not closed.
std::vector<std::string> split_words(std::string_view text);

}  // namespace katydid
