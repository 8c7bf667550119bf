#include "tests/rooms/rooms.hpp"

#include <regex>
#include <sstream>
#include <stdexcept>

namespace katydid::test {
namespace {

std::vector<std::string> quoted_names(const std::string& cell) {
  static const std::regex name("`([A-Za-z_/]+)`");
  std::vector<std::string> names;
  for (std::sregex_iterator each(cell.begin(), cell.end(), name), end; each != end; ++each) {
    std::string found = (*each)[1];
    if (found.ends_with('/')) found.pop_back();
    names.push_back(std::move(found));
  }
  return names;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell);
  return cells;  // the first one is before the first bar
}

struct Row {
  std::vector<std::string> may_include, names;
};

std::map<std::string, Row> rows_of(std::string_view markdown) {
  std::map<std::string, Row> rows;
  std::istringstream text{std::string(markdown)};
  bool in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("| room | may include |")) {
      in_table = true;
    } else if (in_table && !line.starts_with('|')) {
      break;
    } else if (in_table && !line.starts_with("| ---")) {
      const std::vector<std::string> cells = cells_of(line);
      if (cells.size() < 3 || quoted_names(cells[1]).size() != 1)
        throw std::runtime_error("a row of the rooms' table names no room, or several: " + line);
      rows[quoted_names(cells[1]).front()] = {quoted_names(cells[2]), quoted_names(cells.size() > 4 ? cells[4] : "")};
    }
  }
  if (rows.empty()) throw std::runtime_error("there is no table that begins with | room | may include |");
  return rows;
}

/// Adds to `found` all that the room may include, by way of others too.
void collect(const std::map<std::string, Row>& rows, const std::string& room, std::set<std::string>& found) {
  const auto row = rows.find(room);
  if (row == rows.end()) throw std::runtime_error("the rooms' table has no row for " + room);
  for (const std::string& next : row->second.may_include) {
    if (found.insert(next).second) collect(rows, next, found);
  }
}

}  // namespace

Rooms Rooms::of_page(std::string_view markdown) {
  const auto rows = rows_of(markdown);
  Rooms rooms;
  for (const auto& [room, row] : rows) {
    rooms.names_[room] = row.names;
    collect(rows, room, rooms.allowed_[room]);
    if (rooms.allowed_[room].contains(room)) throw std::runtime_error(room + " may include itself by way of others");
  }
  return rooms;
}

std::string Rooms::room_of(const std::filesystem::path& file) const {
  for (std::filesystem::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (allowed_.contains(folder.generic_string())) return folder.generic_string();
  }
  return {};
}

bool Rooms::may_include(const std::string& room, const std::string& included) const {
  return room == included || allowed_.at(room).contains(included);
}

std::vector<std::string> Rooms::violations(const std::filesystem::path& file, std::string_view text) const {
  std::vector<std::string> found;
  const std::string room = room_of(file);
  if (room.empty()) return {file.generic_string() + " is in no room of the table"};
  static const std::regex include("^[ \t]*#[ \t]*include[ \t]*\"([^\"]+)\"");
  std::istringstream lines{std::string(text)};
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_search(line, match, include)) continue;
    const std::string included = match[1], other = room_of(included);
    if (other.empty()) {
      found.push_back(file.generic_string() + " includes " + included + ", which is in no room of the table");
    } else if (!may_include(room, other)) {
      found.push_back(file.generic_string() + " includes " + included + ": " + room + " may not include " + other);
    }
  }
  return found;
}

}  // namespace katydid::test
