#include "worker/user/arguments.hpp"

#include "worker/user/hooks.hpp"

#include <algorithm>
#include <stdexcept>

namespace katydid {
namespace {

bool is_name(std::string_view name) {
  const std::size_t dashes = std::min(name.find_first_not_of('-'), name.size());
  const bool long_one = dashes == 2 && name.size() > 3, short_one = dashes == 1 && name.size() == 2;
  return (long_one || short_one) && std::ranges::all_of(name.substr(dashes), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::vector<std::string_view> names_of(std::string_view names) {
  std::vector<std::string_view> found;
  while (true) {
    const auto comma = names.find(',');
    found.push_back(names.substr(0, comma));
    if (comma == names.npos) return found;
    names.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string Argument::key() const {
  std::string_view name = long_name();
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  std::string key(name);
  std::ranges::replace(key, '-', '_');
  return key;
}

void ArgumentParser::add_argument(std::string_view names, ArgumentOptions options) {
  Argument added{std::string(names), std::move(options)};
  for (const std::string_view name : names_of(added.names)) {
    if (!is_name(name)) {
      throw std::invalid_argument("add_argument(\"" + added.names +
                                  "\"): expected a name such as --my-argument, or -x,--my-argument");
    }
    for (const Argument& other : arguments_) {
      const auto taken = names_of(other.names);
      if (std::ranges::find(taken, name) != taken.end())
        throw std::invalid_argument("add_argument(\"" + added.names + "\"): there is an argument of that name already");
    }
  }
  if (!added.long_name().starts_with("--")) {
    throw std::invalid_argument("add_argument(\"" + added.names + "\"): the last name must begin with --");
  }
  const Value& value = added.options.default_value;
  if (!value.is_null() && !value.is_string() && !value.is_number() && !value.is_bool()) {
    throw std::invalid_argument("add_argument(\"" + added.names +
                                "\"): its default must be a text, a number or a bool");
  }
  if (value.is_bool() && value.as_bool()) {
    throw std::invalid_argument("add_argument(\"" + added.names + "\"): a flag is false where it is not given");
  }
  arguments_.push_back(std::move(added));
}

ArgumentParser ArgumentParser::of_listeners() {
  ArgumentParser parser;
  for (const auto& listener : Hooks::registered().init_command_line_parser) {
    try {
      listener(parser);
    } catch (const std::exception& error) {
      throw std::runtime_error("a listener of init_command_line_parser: " + std::string(error.what()));
    }
  }
  return parser;
}

}  // namespace katydid
