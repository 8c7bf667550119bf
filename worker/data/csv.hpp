#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A field as it stands in the file: what is between its quotes, if it has any.
struct CsvField {
  std::string_view text;
  bool quoted = false;

  /// Without quotes; "" in a quoted field is one quote.
  std::string value() const;
};

/// What a text begins with.
struct CsvRow {
  enum class Kind {
    row,
    blank,       ///< an empty line, which is no row
    incomplete,  ///< there has to be more text
    broken       ///< it is no CSV, see `problem`
  };
  Kind kind = Kind::incomplete;
  std::size_t length = 0;  ///< with the end of its line
  std::vector<CsvField> fields{};
  const char* problem = "";
  std::size_t problem_at = 0;  ///< where in the text
};

/// Reads the row that `text` begins with, by RFC 4180: fields may be in quotes, lines end with CRLF or LF. `is_all`:
/// nothing comes after the text. The fields of `row` are views of the text.
void parse_csv_row(std::string_view text, bool is_all, char separator, CsvRow& row);

}  // namespace katydid
