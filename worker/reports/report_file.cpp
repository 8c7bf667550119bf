#include "worker/reports/report_file.hpp"

#include "worker/log/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace katydid::reports {
namespace {

constexpr log::Logger logger{"katydid.reports"};

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

ReportFile::ReportFile(std::string_view option, std::string path, Begin begin)
    : option_(option), path_(std::move(path)) {
  const auto fail = [&](const std::string& why) {
    throw std::runtime_error(option_ + ": can't write " + path_ + ": " + why +
                             ". Name a file in a folder that you may write to.");
  };
  if (const auto folder = std::filesystem::path(path_).parent_path(); !folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error && !std::filesystem::is_directory(folder)) fail(error.message());
  }
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (begin == Begin::empty ? O_TRUNC : 0);
  descriptor_ = ::open(path_.c_str(), flags, 0666);
  if (descriptor_ < 0) fail(reason(errno));
}

ReportFile::~ReportFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ReportFile::rewrite(std::string_view text) {
  complete_ = write_at(0, text);
  if (!complete_) return;
  size_ = static_cast<std::int64_t>(text.size());
  // Of a pipe or a device there is nothing to cut.
  if (::ftruncate(descriptor_, size_) != 0 && errno != EINVAL) tell(errno);
}

void ReportFile::append(std::string_view text) {
  if (write_at(size_, text)) {
    size_ += static_cast<std::int64_t>(text.size());
    return;
  }
  complete_ = false;
  if (::ftruncate(descriptor_, size_) != 0) return;  // the next call writes over what half a line may be there
}

bool ReportFile::write_at(std::int64_t position, std::string_view text) {
  (void)::lseek(descriptor_, position, SEEK_SET);  // fails for a pipe, which needs none
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      tell(errno);
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void ReportFile::tell(int error) {
  if (std::exchange(told_, true)) return;
  logger.error("{}: can't write {}: {}. The test goes on.", option_, path_, reason(error));
}

}  // namespace katydid::reports
