#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::test {

/// The rooms of the house, each with the rooms that it may include, and all that these may.
class Rooms {
 public:
  /// Of a page with a table whose columns are `room`, `may include`, what lives there, and the names that matter; all
  /// names in backquotes. Throws std::runtime_error where there is no such table, for a name that has no row, and for
  /// rooms in a circle.
  static Rooms of_page(std::string_view markdown);

  /// The room of a file: the longest name that its folder begins with. Empty for a file in none.
  std::string room_of(const std::filesystem::path& file) const;
  bool may_include(const std::string& room, const std::string& included) const;
  const std::map<std::string, std::set<std::string>>& all() const { return allowed_; }

  /// What the last column names: things that the room's sources have.
  const std::map<std::string, std::vector<std::string>>& names() const { return names_; }

  /// "a/b.hpp includes c/d.hpp: a may not include c", for each include in quotes that is against the table.
  std::vector<std::string> violations(const std::filesystem::path& file, std::string_view text) const;

 private:
  std::map<std::string, std::vector<std::string>> names_;
  std::map<std::string, std::set<std::string>> allowed_;  // with all that the allowed ones may include
};

}  // namespace katydid::test
