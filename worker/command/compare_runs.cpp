#include "worker/command/compare_runs.hpp"

#include "worker/command/option_values.hpp"
#include "worker/compare/comparison.hpp"
#include "worker/compare/comparison_text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>

namespace katydid {
namespace {

constexpr int worse_code = 1, error_code = 2;

using Takes = OptionSpec::Takes;

constexpr OptionSpec options[] = {
    {.names = "--with",
     .value = "<file ...>",
     .takes = Takes::any_number,
     .help = "The runs after the change; those before it come first."},
    {.names = "--skip",
     .value = "<time>",
     .takes = Takes::one,
     .help = "Leaves out the beginning of each run, while users were started, e.g. 30s or 1m."},
    {.names = "--fail-if-worse",
     .value = "<percent>",
     .takes = Takes::one,
     .help = "Ends with code 1 when a figure is worse by at least so much, and by more than noise: 5, 5% or 0."},
    {.names = "--all", .help = "Shows the tables of all names, not only of those that differ."},
    {.names = "--json", .help = "Prints the comparison as JSON."},
    {.names = "-h,--help", .help = "Shows this."},
};

constexpr const char* help_begin = R"(Usage: katydid compare [options] BEFORE AFTER
       katydid compare [options] BEFORE ... --with AFTER ...

Compares runs by their files, and says whether they differ by more than noise. Files are those of --hdr-log, and those
of --json-file of Katydid or Locust. Several runs a side tell more than one.

Options:
)";
constexpr const char* help_end = R"(
Exit codes: 0 unless asked for more; 1: worse, with --fail-if-worse; 2: an option or a file is wrong, or, with
--fail-if-worse, a figure of all requests can't be judged.

Examples:

    katydid compare monday.hlog tuesday.hlog --skip 30s

    katydid compare main-1.hlog main-2.hlog --with branch-1.hlog branch-2.hlog --fail-if-worse 5%
)";

std::string help() {
  constexpr std::size_t column = 24;
  std::string text = help_begin;
  for (const OptionSpec& option : options) {
    std::string names = "  ";
    if (!option.short_name().empty()) names.append(option.short_name()).append(", ");
    names += option.long_name();
    if (!option.value.empty()) names.append(" ").append(option.value);
    text += names + (names.size() < column - 1 ? "" : "\n");
    text.append(names.size() < column - 1 ? column - names.size() : column, ' ').append(option.help).append("\n");
  }
  return text + help_end;
}

struct Asked {
  std::vector<std::string> before, after;
  std::chrono::seconds skip{0};
  std::optional<double> limit;  // a share
  bool all = false, json = false, asks_for_help = false;
};

/// "5", "5%" or "5 %".
double share_from(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const double percent = parse_number(stripped(text));
  if (percent < 0) throw BadValue("expected 0 or more per cent");
  return percent / 100;
}

Asked parse(const std::vector<std::string>& words) {
  Asked asked;
  std::string skip, limit;
  CLI::App app;
  app.set_help_flag("");
  app.add_flag("-h,--help", asked.asks_for_help);
  app.add_flag("--all", asked.all);
  app.add_flag("--json", asked.json);
  app.add_option("--skip", skip);
  app.add_option("--fail-if-worse", limit);
  app.add_option("--with", asked.after)->expected(1, -1);
  app.add_option("files", asked.before);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    throw BadValue(error.what());
  }
  if (asked.asks_for_help) return asked;
  if (!skip.empty()) asked.skip = parse_timespan(skip);
  if (!limit.empty()) asked.limit = share_from(limit);
  if (asked.after.empty()) {
    if (asked.before.size() != 2) throw BadValue("expected two files, or files before and after --with");
    asked.after = {asked.before.back()};
    asked.before.pop_back();
  }
  if (asked.before.empty()) throw BadValue("expected files before --with");
  return asked;
}

compare::Side read(const std::vector<std::string>& files, std::chrono::seconds skip) {
  compare::Side side;
  for (const std::string& file : files) side.push_back(compare::read_run(file, skip));
  return side;
}

int code_of(const compare::Comparison& comparison, std::optional<double> limit) {
  if (!limit) return 0;
  for (const auto& [entry, change] : comparison.with(compare::Verdict::worse)) {
    if (change->worse_by() >= *limit) return worse_code;
  }
  const auto unknown = comparison.with(compare::Verdict::unknown);
  const bool of_all = std::ranges::any_of(unknown, [](const auto& each) { return each.first->name.empty(); });
  return of_all ? error_code : 0;
}

}  // namespace

std::span<const OptionSpec> compare_options() { return options; }

int compare_runs(const std::vector<std::string>& words) {
  try {
    const Asked asked = parse(words);
    if (asked.asks_for_help) {
      std::fputs(help().c_str(), stdout);
      return 0;
    }
    const compare::Side before = read(asked.before, asked.skip), after = read(asked.after, asked.skip);
    const compare::Comparison comparison = compare::compare(before, after);
    const std::string text = asked.json ? comparison_json(comparison, before, after).dump() + "\n"
                                        : comparison_text(comparison, before, after,
                                                          asked.all ? compare::Shown::all : compare::Shown::changed);
    std::fputs(text.c_str(), stdout);
    return code_of(comparison, asked.limit);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "katydid compare: error: %s\n", error.what());
    return error_code;
  }
}

}  // namespace katydid
