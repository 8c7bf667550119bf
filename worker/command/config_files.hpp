#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// Options by their long names without dashes ("spawn-rate"), with their values: none for `name` alone.
using ConfigValues = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Of a file as Locust reads it: lines `name = value`, `name: value` or `name`, lists as [a, b], and comments behind #.
/// Of a .toml file, the lines of its table [tool.locust]. Throws BadValue, with the line.
ConfigValues parse_config(std::string_view name, std::string_view text);

/// The names of the files that are read where they are there, a later one over an earlier one: ~/.locust.conf,
/// locust.conf, pyproject.toml.
std::vector<std::string> default_config_files();

/// Throws BadValue when it can't be read.
std::string read_config_file(const std::string& name);

}  // namespace katydid
