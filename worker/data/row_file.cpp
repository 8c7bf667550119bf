#include "worker/data/row_file.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

using Kind = RowText::Kind;

constexpr std::size_t at_once = 64 * 1024;  // of rows that are read one after another
constexpr std::size_t at_first = 4 * 1024;  // of a row that may be anywhere

std::uint64_t lines_in(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

}  // namespace

RowFile::RowFile(const std::filesystem::path& file, RowFormat format)
    : name_(file.filename().string()), window_(file), format_(std::move(format)) {
  read_through();
}

/// What stands there, be it a row or not.
RowFile::Found RowFile::at(std::uint64_t offset, std::size_t read_ahead) {
  for (std::size_t least = 1;;) {
    const std::string_view text = window_.from(offset, least, read_ahead);
    const bool is_all = offset + text.size() == window_.size();
    RowText row = format_(text, is_all);
    const bool too_long = std::max(row.length, row.kind == Kind::incomplete ? text.size() : 0) > longest_row;
    if (row.kind != Kind::incomplete && !too_long) {
      const std::size_t known = std::max(row.length, row.problem_at);
      return {std::move(row), text.substr(0, known), offset};
    }
    if (too_long) {
      return {{.kind = Kind::broken,
               .problem = "the row that begins here is longer than " + std::to_string(longest_row) +
                          " bytes; is a quote not closed?"},
              {},
              offset};
    }
    least = std::min(std::max(text.size() * 4, read_ahead), longest_row + 1);
  }
}

std::uint64_t RowFile::skip_byte_order_mark() {
  const std::string_view start = window_.from(0, 3, at_once).substr(0, 3);
  if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff")) {
    throw std::runtime_error(name_ + " is UTF-16; save it as UTF-8");
  }
  return start == "\xef\xbb\xbf" ? 3 : 0;
}

void RowFile::read_through() {
  std::uint64_t line = 1;
  for (std::uint64_t offset = skip_byte_order_mark(); offset < window_.size();) {
    const auto [row, text, where] = at(offset, at_once);
    if (row.kind == Kind::broken) refuse(line, text, row);
    if (const std::size_t valid = valid_utf8_prefix(text); valid != text.size()) {
      throw std::runtime_error(line_text(line + lines_in(text.substr(0, valid))) +
                               ": this is not UTF-8; save it as UTF-8");
    }
    if (row.kind == Kind::row) index_.add(offset);
    line += lines_in(text);
    offset += row.length;
  }
}

std::string RowFile::line_text(std::uint64_t line) const { return name_ + ", line " + std::to_string(line); }

void RowFile::refuse(std::uint64_t line, std::string_view text, const RowText& row) const {
  throw std::runtime_error(line_text(line + lines_in(text.substr(0, row.problem_at))) + ": " + row.problem);
}

RowFile::Found RowFile::find(std::uint64_t number) {
  RowIndex::Place place = index_.before(number);
  if (next_.row <= number && next_.row > place.row) place = next_;
  const bool in_sequence = number - std::min(number, next_.row) < 100;
  for (;;) {
    Found found = at(place.offset, in_sequence ? at_once : at_first);
    place.offset += found.row.length;
    if (found.row.kind == Kind::row && place.row++ == number) return found;
    if (found.row.kind == Kind::broken || place.offset >= window_.size()) {
      throw std::runtime_error(name_ + " was changed since it was opened: row " + std::to_string(number + 1) +
                               " is not where it was");
    }
  }
}

std::string RowFile::row(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  const Found found = find(number);
  next_ = {number + 1, found.offset + found.row.length};
  return std::string(found.text);
}

std::string RowFile::place_of(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  const std::uint64_t end = find(number).offset;
  std::uint64_t line = 1;
  for (std::uint64_t offset = 0; offset < end;) {
    const std::string_view text = window_.from(offset, 1, at_once);
    const auto part = text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(text.size(), end - offset)));
    line += lines_in(part);
    offset += part.size();
  }
  return line_text(line);
}

}  // namespace katydid
