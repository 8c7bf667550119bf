#include "worker/data/csv.hpp"

#include <array>
#include <optional>

namespace katydid {
namespace {

using Kind = CsvRow::Kind;

/// One row on its way out of a text.
class Parser {
 public:
  Parser(std::string_view text, bool is_all, char separator, CsvRow& row)
      : text_(text), is_all_(is_all), separator_(separator), row_(row) {}

  Kind parse() {
    for (;;) {
      if (const auto end = field()) return *end;
      if (at_ == text_.size()) return is_all_ ? finish(at_) : Kind::incomplete;
      if (text_[at_] == separator_) {
        ++at_;
        continue;
      }
      if (text_[at_] == '\n') return finish(at_ + 1);
      // A carriage return: the end of the line, if the line feed comes with it.
      if (at_ + 1 == text_.size() && !is_all_) return Kind::incomplete;
      if (text_.substr(at_ + 1, 1) != "\n") return broken("a carriage return without a line feed", at_);
      return finish(at_ + 2);
    }
  }

 private:
  /// Goes on to what ends the field; nothing, or what the row is when it ends here.
  std::optional<Kind> field() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted_field();
    const std::array<char, 4> marks{separator_, '\n', '\r', '"'};
    const std::size_t end = text_.find_first_of(std::string_view(marks.data(), marks.size()), at_);
    if (end == text_.npos && !is_all_) return Kind::incomplete;
    if (end != text_.npos && text_[end] == '"') {
      return broken("a quote in a field that does not begin with one; write the field as \"a \"\"quote\"\"\"", end);
    }
    const std::size_t stop = end == text_.npos ? text_.size() : end;
    row_.fields.push_back({text_.substr(at_, stop - at_), false});
    at_ = stop;
    return std::nullopt;
  }

  std::optional<Kind> quoted_field() {
    const std::size_t begin = at_ + 1;
    std::size_t close = text_.find('"', begin);
    while (close != text_.npos && close + 1 < text_.size() && text_[close + 1] == '"')
      close = text_.find('"', close + 2);
    if (close == text_.npos)
      return is_all_ ? broken("the quote that begins here is not closed", at_) : Kind::incomplete;
    if (close + 1 == text_.size() && !is_all_) return Kind::incomplete;  // perhaps the first of two
    row_.fields.push_back({text_.substr(begin, close - begin), true});
    at_ = close + 1;
    if (at_ == text_.size() || text_[at_] == separator_ || text_[at_] == '\n' || text_[at_] == '\r')
      return std::nullopt;
    return broken("text behind the quote that ends a field", at_);
  }

  Kind finish(std::size_t length) {
    row_.length = length;
    const bool blank = row_.fields.size() == 1 && !row_.fields.front().quoted && row_.fields.front().text.empty();
    return blank ? Kind::blank : Kind::row;
  }

  Kind broken(const char* problem, std::size_t at) {
    row_.problem = problem;
    row_.problem_at = at;
    return Kind::broken;
  }

  std::string_view text_;
  bool is_all_;
  char separator_;
  CsvRow& row_;
  std::size_t at_ = 0;
};

}  // namespace

std::string CsvField::value() const {
  std::string value;
  value.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    value += text[i];
    if (quoted && text[i] == '"') ++i;
  }
  return value;
}

void parse_csv_row(std::string_view text, bool is_all, char separator, CsvRow& row) {
  row.fields.clear();
  row.length = 0;
  row.kind = Parser(text, is_all, separator, row).parse();
}

}  // namespace katydid
