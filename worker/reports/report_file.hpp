#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid::reports {

/// A file that a run writes into while it goes. What can't be written, because the disk is full, is told once in the
/// log and tried again with the next call: the test goes on.
class ReportFile {
 public:
  enum class Begin { empty, as_it_is };  ///< `as_it_is`: what an earlier run left stays until there is something new

  /// Makes the file and its folders. Throws std::runtime_error, which names the option that wanted the file.
  ReportFile(std::string_view option, std::string path, Begin begin);
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  /// Replaces all that is in the file.
  void rewrite(std::string_view text);
  /// All of the text or, with an error, nothing.
  void append(std::string_view text);

  const std::string& path() const { return path_; }
  /// Whether all is in the file that was written to it.
  bool complete() const { return complete_; }

 private:
  bool write_at(std::int64_t position, std::string_view text);
  void tell(int error);

  std::string option_, path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  bool complete_ = true, told_ = false;
};

}  // namespace katydid::reports
