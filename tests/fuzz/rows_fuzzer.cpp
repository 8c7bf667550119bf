// Whatever a data file holds: its rows are the same in whatever pieces they are read, and CSV that is written anew from
// its fields is read as the same fields. The first byte says how large the pieces are, and what is read.
#include "tests/fuzz/expect.hpp"
#include "worker/data/csv.hpp"
#include "worker/data/json_lines.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace katydid;

namespace {

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char each : value) text += each == '"' ? "\"\"" : std::string(1, each);
  return text + '"';
}

std::vector<std::string> values_of(const CsvRow& row) {
  std::vector<std::string> values;
  for (const CsvField& field : row.fields) values.push_back(field.value());
  return values;
}

CsvRow parse(std::string_view text, bool is_all) {
  CsvRow row;
  parse_csv_row(text, is_all, ',', row);
  return row;
}

void check_csv(std::string_view text, std::size_t piece) {
  while (!text.empty()) {
    const CsvRow row = parse(text, true);
    expect(row.kind != CsvRow::Kind::incomplete, "a whole text is complete");
    for (std::size_t length = piece; length < text.size(); length += piece) {
      const CsvRow part = parse(text.substr(0, length), false);
      if (part.kind == CsvRow::Kind::incomplete) continue;
      expect(part.kind == row.kind && part.length == row.length && part.problem_at == row.problem_at,
             "a row is the same before all of the text is there");
      break;
    }
    if (row.kind == CsvRow::Kind::broken) {
      expect(row.problem_at < text.size() && *row.problem != '\0', "what is broken has a place and a reason");
      return;
    }
    expect(row.length > 0 && row.length <= text.size(), "a row has an end");
    if (row.kind == CsvRow::Kind::row) {
      const auto values = values_of(row);
      std::string written;
      for (const auto& value : values) written += (written.empty() ? "" : ",") + quoted(value);
      written += "\r\n";
      const CsvRow again = parse(written, false);
      expect(again.kind == CsvRow::Kind::row && values_of(again) == values, "fields survive the way out and in");
    }
    text.remove_prefix(row.length);
  }
}

void check_lines(std::string_view text, std::size_t piece) {
  while (!text.empty()) {
    const RowText line = json_line(text, true);
    expect(line.length > 0 && line.length <= text.size(), "a line has an end");
    for (std::size_t length = piece; length < text.size(); length += piece) {
      const RowText part = json_line(text.substr(0, length), false);
      if (part.kind == RowText::Kind::incomplete) continue;
      expect(part.kind == line.kind && part.length == line.length,
             "a line is the same before all of the text is there");
      break;
    }
    text.remove_prefix(line.length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = 1 + data[0] / 2u % 64u;
  data[0] % 2 == 0 ? check_csv(text, piece) : check_lines(text, piece);
  return 0;
}
