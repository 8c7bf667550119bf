#include "worker/command/shell_texts.hpp"

#include "base/version.hpp"
#include "worker/command/compare_runs.hpp"
#include "worker/command/option_table.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace katydid {
namespace {

using Takes = OptionSpec::Takes;
using Replacement = std::pair<char, std::string_view>;

std::string escaped(std::string_view text, std::initializer_list<Replacement> replacements) {
  std::string out;
  for (const char c : text) {
    const auto* found = std::ranges::find(replacements, c, &Replacement::first);
    if (found == replacements.end()) {
      out += c;
    } else {
      out += found->second;
    }
  }
  return out;
}

/// For roff: a line that begins with a dot or a quote would be a command.
std::string roff(std::string_view text) {
  std::string out = escaped(text, {{'\\', "\\e"}, {'-', "\\-"}});
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

void append_option(std::string& page, const OptionSpec& option) {
  page += ".TP\n";
  if (!option.short_name().empty()) page += "\\fB" + roff(option.short_name()) + "\\fR, ";
  page += "\\fB" + roff(option.long_name()) + "\\fR";
  if (!option.value.empty()) page += " \\fI" + roff(option.value) + "\\fR";
  page += "\n" + roff(option.text()) + "\n";
}

bool takes_file(const OptionSpec& option) {
  return option.value.find("file") != option.value.npos || option.value.find("directory") != option.value.npos;
}

/// "auto io_uring" of a help that says "Choose between auto/io_uring."
std::string choices(const OptionSpec& option) {
  constexpr std::string_view begin = "Choose between ";
  const std::size_t at = option.help.find(begin);
  if (at == option.help.npos) return "";
  std::string found(option.help.substr(at + begin.size()));
  found.resize(std::min(found.find_first_of(". "), found.size()));
  std::ranges::replace(found, '/', ' ');
  return found;
}

/// What a list has room for.
std::string_view first_sentence(const OptionSpec& option) {
  constexpr std::string_view for_example = ", e.g";
  const std::string_view text = option.help.substr(0, std::min(option.help.find(". "), option.help.find(": ")));
  return text.ends_with(for_example) ? text.substr(0, text.size() - for_example.size()) : text;
}

std::string names_for_case(const OptionSpec& option) {
  std::string names(option.short_name());
  if (!names.empty()) names += '|';
  return names.append(option.long_name());
}

constexpr std::string_view about_compare = "Whether two runs differ by more than noise";

std::string bash() {
  std::string options = compare_command, cases, options_of_compare;
  options += ' ';
  for (const OptionSpec& option : compare_options()) options_of_compare.append(option.long_name()).append(" ");
  for (const OptionSpec& option : option_table()) {
    options.append(option.long_name()).append(" ");
    if (option.takes == Takes::nothing) continue;
    cases += "    " + names_for_case(option) + ") ";
    if (const std::string words = choices(option); !words.empty()) {
      cases += "COMPREPLY=($(compgen -W \"" + words + "\" -- \"$current\")) ;;\n";
    } else if (takes_file(option)) {
      cases += "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$current\")) ;;\n";
    } else {
      cases += ";;\n";
    }
  }
  return R"(# Completes katydid's command line in bash: source <(katydid --completion bash)
_katydid() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  [ "$current" = = ] && current=
  [ "$previous" = = ] && previous=${COMP_WORDS[COMP_CWORD-2]}
  COMPREPLY=()
  if [ "${COMP_WORDS[1]}" = compare ] && [ "$COMP_CWORD" -gt 1 ]; then
    case $current in
    -*) COMPREPLY=($(compgen -W ")" +
         options_of_compare + R"(" -- "$current")) ;;
    *) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
    return
  fi
  case $previous in
)" + cases +
         R"(    *) COMPREPLY=($(compgen -W ")" + options + R"(" -- "$current")) ;;
  esac
}
complete -F _katydid katydid
)";
}

/// What _arguments is told of an option.
std::string for_zsh(const OptionSpec& option) {
  const std::string text = escaped(first_sentence(option), {{'\'', "'\\''"}, {'[', "\\["}, {']', "\\]"}, {':', "\\:"}});
  const std::string many = option.takes == Takes::each ? "*" : "";
  std::string names = "'" + many + std::string(option.long_name());
  if (!option.short_name().empty()) {
    names =
        "'" +
        (many.empty() ? "(" + std::string(option.short_name()) + " " + std::string(option.long_name()) + ")" : many) +
        "'{" + std::string(option.short_name()) + "," + std::string(option.long_name()) + "}'";
  }
  std::string out = " \\\n  " + names + "[" + text + "]";
  if (option.takes != Takes::nothing) {
    out += ":" + escaped(option.value, {{'\'', ""}, {':', "\\:"}, {'<', ""}, {'>', ""}, {'[', ""}, {']', ""}}) + ":";
    if (const std::string words = choices(option); !words.empty()) {
      out += "(" + words + ")";
    } else if (takes_file(option)) {
      out += "_files";
    }
  }
  return out + "'";
}

std::string zsh() {
  std::string out = "#compdef katydid\n# Completes katydid's command line in zsh.\n";
  out += "if (( CURRENT > 2 )) && [[ $words[2] == compare ]]; then\n_arguments";
  for (const OptionSpec& option : compare_options()) out += for_zsh(option);
  out += " \\\n  '1:command:' \\\n  '*:file:_files'\nreturn\nfi\n_arguments -s";
  for (const OptionSpec& option : option_table()) out += for_zsh(option);
  return out + " \\\n  '1:user class or command:((compare\\:\"" + std::string(about_compare) +
         "\"))' \\\n  '*:user class:'\n";
}

std::string for_fish(const OptionSpec& option, const std::string& where) {
  std::string out = "complete -c katydid" + where;
  if (!option.short_name().empty()) out += " -s " + std::string(option.short_name().substr(1));
  out += " -l " + std::string(option.long_name().substr(2));
  if (const std::string words = choices(option); !words.empty()) {
    out += " -x -a '" + words + "'";
  } else if (option.takes != Takes::nothing) {
    out += takes_file(option) ? " -r -F" : " -x";
  }
  return out + " -d '" + escaped(first_sentence(option), {{'\\', "\\\\"}, {'\'', "\\'"}}) + "'\n";
}

std::string fish() {
  std::string out = "# Completes katydid's command line in fish.\ncomplete -c katydid -f\n";
  out += "complete -c katydid -n __fish_use_subcommand -a compare -d '" + std::string(about_compare) + "'\n";
  const std::string comparing = "__fish_seen_subcommand_from compare";
  out += "complete -c katydid -n '" + comparing + "' -F\n";
  for (const OptionSpec& option : compare_options()) out += for_fish(option, " -n '" + comparing + "'");
  for (const OptionSpec& option : option_table()) out += for_fish(option, " -n 'not " + comparing + "'");
  return out;
}

}  // namespace

std::string man_page() {
  std::string page = ".TH KATYDID 1 \"\" \"katydid " + std::string(version) + "\" \"User Commands\"\n";
  page += R"(.SH NAME
katydid \- a Locust worker, for load tests
.SH SYNOPSIS
.B katydid
[\fIoptions\fR] [\fIUserClass\fR ...]
.PP
.B katydid compare
[\fIoptions\fR] \fIBEFORE\fR ... [\fB\-\-with\fR] \fIAFTER\fR ...
.SH DESCRIPTION
Runs the users of a locustfile in C++, as a worker of an unmodified \fBlocust \-\-master\fR, or by itself with
\fB\-\-headless\fR. Options and environment variables are those of \fBlocust \-\-worker\fR.
.PP
\fBkatydid compare\fR says whether two runs differ by more than noise; \fBkatydid compare \-\-help\fR has its
options.
.PP
Names in brackets are environment variables. The command line overrides them, and they override the files
\fI~/.locust.conf\fR, \fIlocust.conf\fR and \fIpyproject.toml\fR.
.SH OPTIONS
)";
  std::string_view group;
  for (const OptionSpec& option : option_table()) {
    if (option.group != group) {
      group = option.group;
      page += ".SS " + roff(group) + "\n";
      if (const std::string_view text = text_of_group(group); !text.empty()) page += roff(text) + "\n";
    }
    append_option(page, option);
  }
  page += ".SS User classes\n" + roff(user_classes_text()) + "\n";
  page += R"(.SH EXIT STATUS
.TP
.B 0
The test went well, or the master has said quit.
.TP
.B 1
A request or a task has failed, a \fB\-\-fail\-if\fR holds, or the test could not start.
.TP
.B 2
An option or its value is wrong.
.SH EXAMPLES
.EX
katydid \-f my_test.cpp \-\-master\-host 10.0.0.5
katydid \-f my_test.cpp \-\-headless \-u 100 \-r 10 \-t 20m MyHttpUser AnotherUser
katydid \-f my_test.cpp \-\-master\-locustfile > locustfile.py && locust \-\-master
.EE
.SH SEE ALSO
.BR locust (1)
)";
  return page;
}

std::string completion(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return "";
}

}  // namespace katydid
