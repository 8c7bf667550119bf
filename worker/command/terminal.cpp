#include "worker/command/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace katydid {
namespace {

constexpr std::size_t fewest_rows = 12, fewest_columns = 40;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

bool Terminal::is_one(int descriptor) {
  const std::string_view term = variable("TERM");
  if (!::isatty(descriptor) || term.empty() || term == "dumb") return false;
  const auto size = Terminal(descriptor).size();
  return size.rows >= fewest_rows && size.columns >= fewest_columns;
}

reports::LiveView::Letters Terminal::letters() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (value.empty()) continue;
    const bool utf8 = value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
    return utf8 ? reports::LiveView::Letters::unicode : reports::LiveView::Letters::ascii;
  }
  return reports::LiveView::Letters::ascii;
}

reports::LiveView::Size Terminal::size() const {
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) != 0) return {.columns = 0, .rows = 0};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

void Terminal::draw(const std::vector<std::string>& lines) {
  const auto size = this->size();
  if (size.rows < fewest_rows || size.columns < fewest_columns) return leave();
  if (size.rows != size_.rows || size.columns != size_.columns || lines.size() > kept_) keep_rows(size, lines.size());
  std::string text =
      "\x1b"
      "7\x1b[?25l\x1b[?7l";
  for (std::size_t i = 0; i < kept_; ++i) {
    text += "\x1b[" + std::to_string(size.rows - kept_ + 1 + i) + ";1H\x1b[2K";
    if (i == 0) text += "\x1b[7m";
    if (i < lines.size()) text += lines[i];
    if (i == 0) text += "\x1b[0m";
  }
  write(text +
        "\x1b[?7h\x1b[?25h\x1b"
        "8");
}

void Terminal::keep_rows(reports::LiveView::Size size, std::size_t rows) {
  leave();
  // What stands in the rows scrolls away first; then only the rows above scroll.
  write(std::string(rows, '\n') +
        "\x1b"
        "7\x1b[1;" +
        std::to_string(size.rows - rows) +
        "r\x1b"
        "8\x1b[" +
        std::to_string(rows) + "A");
  size_ = size;
  kept_ = rows;
}

void Terminal::leave() {
  if (kept_ == 0) return;
  kept_ = 0;
  write(
      "\x1b"
      "7\x1b[r\x1b"
      "8\x1b[J");
}

void Terminal::write(const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace katydid
