#pragma once

#include "http/fields.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace katydid {

/// The grammar of header fields, RFC 9110, 5. @{

/// The length of the token (a field's name) that `text` begins with.
std::size_t token_length(std::string_view text);
inline bool is_token(std::string_view text) { return !text.empty() && token_length(text) == text.size(); }

/// Whether it holds a control character other than the tab: what may stand in no value.
bool has_control(std::string_view text);

/// Of texts of one size.
bool same_letters(std::string_view a, std::string_view b);
/// ASCII letters in either case are one.
inline bool same_name(std::string_view a, std::string_view b) { return a.size() == b.size() && same_letters(a, b); }

/// Without blanks and tabs around it.
std::string_view trimmed(std::string_view text);

/// Calls `visit(Field)` for each field of a block of lines that end in CRLF, until it returns true. Lines without a
/// colon, such as folded ones, are passed over.
template <class Visit>
void visit_fields(std::string_view block, Visit&& visit) {
  while (!block.empty()) {
    const auto end = block.find("\r\n");
    const auto line = block.substr(0, end);
    block.remove_prefix(end == block.npos ? block.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == line.npos || line.front() == ' ' || line.front() == '\t') continue;
    if (visit(Field{trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))})) return;
  }
}

/// Makes all lines end in CRLF, also those that end in a bare line feed (RFC 9112, 2.2), and puts lines that were
/// folded into one, with a blank between them (obsolete, but clients have to take it: RFC 9112, 5.2).
void tidy_lines(std::string& block);
/// Adds a line to a block of lines, to the last of them when it is folded.
void append_line(std::string& block, std::string_view line);
/// @}

}  // namespace katydid
