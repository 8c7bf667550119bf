#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace katydid {

/// A part of a file in memory, for a file that is too large for it. Not thread-safe. All of it throws
/// std::runtime_error with the file's name.
class FileWindow {
 public:
  explicit FileWindow(const std::filesystem::path& file);
  ~FileWindow();
  FileWindow(const FileWindow&) = delete;
  FileWindow& operator=(const FileWindow&) = delete;

  /// As it was when it was opened.
  std::uint64_t size() const { return size_; }
  /// The file from there on: at least so many bytes, or all that there are. Valid until the next call, which reads
  /// `at_once` bytes or more when these are not in memory.
  std::string_view from(std::uint64_t offset, std::size_t least, std::size_t at_once);

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
  std::string name_;
  std::string text_;
  std::uint64_t start_ = 0;  // of text_, in the file
};

}  // namespace katydid
