#pragma once

#include "base/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid {

/// What can be said of an argument besides its name, in the words of Locust's parser.
struct ArgumentOptions {
  /// Its type is that of the argument: a text, a whole number, a number, or, for a flag, false. null: a text or
  /// nothing.
  Value default_value = "";
  std::string help{};
  std::string env_var{};               ///< counts where the command line doesn't give it
  std::vector<std::string> choices{};  ///< no others are taken
  bool required = false;               ///< by the command line, a variable or a configuration file
  bool is_required = false;            ///< by the form of the master's page
  bool is_secret = false;              ///< the master's page doesn't show it
  bool include_in_web_ui = true;       ///< the master's page asks for it
};

struct Argument {
  std::string names;  ///< "-x,--my-argument", the long one last
  ArgumentOptions options;

  std::string_view long_name() const { return std::string_view(names).substr(names.rfind(',') + 1); }
  /// "my_argument", its name in parsed_options().
  std::string key() const;
};

/// Takes a test's own arguments for the command line, as Locust's parser does for `init_command_line_parser`.
class ArgumentParser {
 public:
  /// `parser.add_argument("--items", {.default_value = 3, .help = "How many items to buy"});` Throws
  /// std::invalid_argument for a name that is none, or that is there already.
  void add_argument(std::string_view names, ArgumentOptions options = {});
  const std::vector<Argument>& arguments() const { return arguments_; }

  /// What the listeners of init_command_line_parser add. Throws std::runtime_error with what one of them throws.
  static ArgumentParser of_listeners();

 private:
  std::vector<Argument> arguments_;
};

}  // namespace katydid
