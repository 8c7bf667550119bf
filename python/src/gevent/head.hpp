#pragma once

#include "http/merged_fields.hpp"
#include "python/src/cpython/plain_type.hpp"

#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::python {

/// `Head`: headers that a session sends with each of its requests, checked and written once.
struct Head {
  std::list<std::string> texts;
  std::vector<Field> fields;  // views of the texts
};

/// Which values of headers are sent as they are; all others are for Python to judge.
enum class HeaderValues {
  of_requests,         ///< no white space in front, no control characters
  of_geventhttpclient  ///< tabs as well
};

/// The headers of one request, on top of those of a session: one name, one line, in the order in which they came. What
/// they are made of must stay until append_to() was called.
class HeadLines {
 public:
  explicit HeadLines(HeaderValues values) : values_(values) {}
  HeadLines(const Head& head, HeaderValues values) : values_(values), fields_(head.fields) {}

  /// In the place of the line of that name, or at the end.
  void put(std::string_view name, std::string_view value) { fields_.put({name, value}); }
  /// The same with objects of Python; false for those that Python has to judge. None takes the line away.
  bool put(nb::handle name, nb::handle value);
  bool has(std::string_view name) const { return fields_.has(name); }
  /// With each line's CRLF.
  void append_to(std::string& out) const;
  /// Text that has to stay for as long as this does.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Head to_head() const;

 private:
  HeaderValues values_;
  MergedFields fields_;
  std::list<std::string> texts_;  // which stay where they are, and nearly never exist
};

/// Head(pairs, tabs=False): raises ValueError where Python has to judge.
void bind_head(nb::module_& m);

}  // namespace katydid::python
