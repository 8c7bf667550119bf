#pragma once

#include "python/src/cpython/plain_type.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::python {

/// `Head`: headers that a session sends with each of its requests, checked and written once.
class Head {
 public:
  struct Line {
    std::string_view name, value;
  };
  const std::vector<Line>& lines() const { return lines_; }
  bool has(std::string_view name) const;

 private:
  friend class HeadLines;
  std::deque<std::string> texts_;
  std::vector<Line> lines_;
};

/// Which values of headers are sent as they are; all others are for Python to judge.
enum class HeaderValues {
  of_requests,         ///< no white space in front, no control characters
  of_geventhttpclient  ///< tabs as well
};

/// The headers of one request, on top of those of a session: one name, one line, in the order in which they came. What
/// they are made of must stay until text() is called.
class HeadLines {
 public:
  explicit HeadLines(HeaderValues values) : values_(values) {}
  HeadLines(const Head& head, HeaderValues values) : values_(values), lines_(head.lines()) {}

  /// In the place of the line of that name, or at the end.
  void put(std::string_view name, std::string_view value);
  /// The same with objects of Python; false for those that Python has to judge. None takes the line away.
  bool put(nb::handle name, nb::handle value);
  void remove(std::string_view name);
  bool has(std::string_view name) const;
  /// With each line's CRLF.
  void append_to(std::string& out) const;
  /// Text that has to stay for as long as this does.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Head to_head() const;

 private:
  bool view(nb::handle text, std::string_view& out);

  HeaderValues values_;
  std::vector<Head::Line> lines_;
  std::deque<std::string> texts_;
};

/// Head(pairs, tabs=False): raises ValueError where Python has to judge.
void bind_head(nb::module_& m);

}  // namespace katydid::python
