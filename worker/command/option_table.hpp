#pragma once

#include "worker/command/options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// One option: what parses it, what --help says of it, and where its value goes.
struct OptionSpec {
  enum class Takes {
    nothing,    ///< a flag
    one,        ///< one value; of several, the last one counts
    each,       ///< one value, and all of several count
    any_number  ///< every word up to the next option
  };

  std::string_view names;  ///< "-f,--locustfile", the long one last
  std::string_view value;  ///< "<filename>"; empty for flags
  Takes takes = Takes::nothing;
  std::string_view environment;  ///< "KATYDID_CXX,CXX": the first that is set counts
  std::string_view group;
  std::string_view help;
  /// Throws BadValue. A flag gets one value, "true" or what its environment variable says.
  void (*set)(Options& options, const std::vector<std::string>& values) = nullptr;

  std::string_view long_name() const { return names.substr(names.rfind(',') + 1); }
  /// "-f", or "".
  std::string_view short_name() const { return names.substr(0, names.find(',') + 1 ? names.find(',') : 0); }
  /// `help`, with the environment variables in brackets.
  std::string text() const;
};

/// An option of Locust's that means nothing here, or not yet, with what to do instead.
struct RefusedOption {
  std::string_view names;
  std::string_view reason;
};

std::span<const OptionSpec> option_table();
std::span<const RefusedOption> refused_options();

/// What stands above the options of a group, or "".
std::string_view text_of_group(std::string_view group);
/// Of the names at the end of the command line.
std::string_view user_classes_text();

/// The text of --help, `width` columns wide.
std::string help_text(std::size_t width, const ArgumentParser& added = {});

}  // namespace katydid
