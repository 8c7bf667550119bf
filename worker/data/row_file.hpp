#pragma once

#include "worker/data/file_window.hpp"
#include "worker/data/row_index.hpp"

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace katydid {

/// What a text begins with, as a format sees it.
struct RowText {
  enum class Kind {
    row,
    blank,       ///< to be passed over
    incomplete,  ///< there has to be more text
    broken       ///< `problem` says why
  };
  Kind kind = Kind::incomplete;
  std::size_t length = 0;  ///< with the end of its line
  std::string problem{};
  std::size_t problem_at = 0;  ///< where in the text
};

/// Finds the end of the row that `text` begins with; `is_all`: nothing comes after the text.
using RowFormat = std::function<RowText(std::string_view text, bool is_all)>;

/// The rows of a text file. Memory is bounded, whatever the file's size. Thread-safe.
class RowFile {
 public:
  /// A row must end within so many bytes.
  static constexpr std::size_t longest_row = std::size_t{1} << 20;

  /// Reads the whole file once, row by row. Throws std::runtime_error with file and line where a row is broken or is
  /// not UTF-8.
  RowFile(const std::filesystem::path& file, RowFormat format);

  std::uint64_t rows() const { return index_.rows(); }
  /// Row `number`, counted from 0, as it stands in the file. Throws std::runtime_error when the file was changed since.
  std::string row(std::uint64_t number);
  /// "users.csv, line 7"
  std::string place_of(std::uint64_t number);

 private:
  struct Found {
    RowText row;
    std::string_view text;  // valid until the window moves
    std::uint64_t offset = 0;
  };
  Found at(std::uint64_t offset, std::size_t read_ahead);
  Found find(std::uint64_t number);
  std::uint64_t skip_byte_order_mark();
  void read_through();
  std::string line_text(std::uint64_t line) const;
  void refuse(std::uint64_t line, std::string_view text, const RowText& row) const;

  std::string name_;
  std::mutex mutex_;
  FileWindow window_;
  RowFormat format_;
  RowIndex index_;
  RowIndex::Place next_;  // what comes after the row that was read last
};

}  // namespace katydid
