#pragma once

#include "worker/reports/live_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace katydid {

/// The lowest rows of a terminal, kept for lines that are drawn again and again. What others print, such as log lines,
/// scrolls above them.
class Terminal {
 public:
  explicit Terminal(int descriptor) : descriptor_(descriptor) {}
  ~Terminal() { leave(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Whether the descriptor is a terminal that can do it, as far as TERM says.
  static bool is_one(int descriptor);
  static reports::LiveView::Letters letters();

  reports::LiveView::Size size() const;
  void draw(const std::vector<std::string>& lines);
  /// Gives the rows back, empty.
  void leave();

 private:
  void keep_rows(reports::LiveView::Size size, std::size_t rows);
  void write(const std::string& text) const;

  int descriptor_;
  reports::LiveView::Size size_{};
  std::size_t kept_ = 0;
};

}  // namespace katydid
