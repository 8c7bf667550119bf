#include "worker/command/option_table.hpp"

#include <algorithm>

namespace katydid {
namespace {

constexpr std::size_t help_column = 24;

struct GroupText {
  std::string_view name;
  std::string_view text;
};

constexpr GroupText group_texts[] = {
    {"Worker options",
     "Options for running as a worker of a Locust master. Typically ONLY these options (and --locustfile) need to be "
     "specified on workers, since other options (-u, -r, -t, ...) are controlled by the master node."},
    {"Tag options",
     "Tasks can be tagged, as with Locust's @tag decorator. These options let you choose which tasks to include "
     "in a test or exclude from it."},
    {"Compile options",
     "Katydid compiles the locustfile at the first start. It compiles it again after a change to the file, or to a "
     "file that it includes."},
};

// Appends `text` in lines of at most `width` columns, each but the first one indented.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t width) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

void append_entry(std::string& out, std::string head, std::string_view text, std::size_t width) {
  head.insert(0, "  ");
  out += head;
  if (head.size() + 2 > help_column) {
    out += '\n';
    out.append(help_column, ' ');
  } else {
    out.append(help_column - head.size(), ' ');
  }
  append_wrapped(out, text, help_column, width);
}

void append_group(std::string& out, std::string_view name, std::size_t width) {
  out.append("\n").append(name).append(":\n");
  if (const std::string_view text = text_of_group(name); !text.empty()) {
    out += "  ";
    append_wrapped(out, text, 2, width);
    out += '\n';
  }
}

std::string head_of(const OptionSpec& option) {
  std::string head(option.names);
  if (const std::size_t comma = head.find(','); comma != std::string::npos) head.insert(comma + 1, " ");
  if (!option.value.empty()) head.append(" ").append(option.value);
  return head;
}

}  // namespace

std::string OptionSpec::text() const {
  std::string text(help);
  if (environment.empty()) return text;
  if (!text.ends_with('.')) text += '.';
  std::string variables(environment);
  if (const std::size_t comma = variables.find(','); comma != std::string::npos) variables.replace(comma, 1, " or ");
  return text + " [" + variables + "]";
}

std::string_view text_of_group(std::string_view group) {
  const auto* found = std::ranges::find(group_texts, group, &GroupText::name);
  return found == std::end(group_texts) ? "" : found->text;
}

std::string_view user_classes_text() {
  return "At the end of the command line, you can list User classes to be used (available User classes can be listed "
         "with --list). Default is to use all available User classes. [LOCUST_USER_CLASSES]";
}

std::string help_text(std::size_t width, const ArgumentParser& added) {
  std::string out = "Usage: katydid [options] [UserClass ...]\n       katydid compare [options] BEFORE AFTER\n\n";
  append_wrapped(out, "A Locust worker for user classes in C++. Any unmodified 'locust --master' can control it.", 0,
                 width);
  std::string_view group;
  for (const OptionSpec& option : option_table()) {
    if (option.group != group) append_group(out, group = option.group, width);
    append_entry(out, head_of(option), option.text(), width);
  }
  if (!added.arguments().empty()) append_group(out, "Options of this test", width);
  for (const Argument& argument : added.arguments()) {
    std::string head = argument.names;
    if (const std::size_t comma = head.find(','); comma != std::string::npos) head.insert(comma + 1, " ");
    if (!argument.options.default_value.is_bool()) head += " <" + argument.key() + ">";
    std::string text = argument.options.help;
    if (!argument.options.env_var.empty()) text += " [" + argument.options.env_var + "]";
    append_entry(out, head, text, width);
  }
  append_group(out, "User classes", width);
  append_entry(out, "<UserClass1 UserClass2>", user_classes_text(), width);
  out += R"(
Examples:

    katydid -f my_test.cpp --master-host 10.0.0.5

    katydid -f my_test.cpp --headless -u 100 -r 10 -t 20m MyHttpUser AnotherUser

    katydid -f my_test.cpp --master-locustfile > locustfile.py && locust --master

    katydid compare before.hlog after.hlog

)";
  append_wrapped(out,
                 "Names in brackets are environment variables. The command line overrides them. Options of Locust that "
                 "are missing here belong to the master: see 'locust --help'.",
                 0, width);
  return out;
}

}  // namespace katydid
