#include "worker/data/file_window.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace katydid {
namespace {

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

FileWindow::FileWindow(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)), name_(file.string()) {
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    const std::string why = reason();
    if (descriptor_ >= 0) ::close(descriptor_);
    throw std::runtime_error(name_ + " can't be read: " + why);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw std::runtime_error(name_ + " can't be read: it is no regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

FileWindow::~FileWindow() { ::close(descriptor_); }

std::string_view FileWindow::from(std::uint64_t offset, std::size_t least, std::size_t at_once) {
  const std::uint64_t left = size_ - std::min(offset, size_);
  if (offset >= start_ && offset + std::min<std::uint64_t>(least, left) <= start_ + text_.size()) {
    return std::string_view(text_).substr(static_cast<std::size_t>(offset - start_));
  }
  text_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(least, at_once), left)));
  start_ = offset;
  std::size_t got = 0;
  while (got < text_.size()) {
    const ssize_t count =
        ::pread(descriptor_, text_.data() + got, text_.size() - got, static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      text_.clear();
      throw std::runtime_error(name_ + (count < 0 ? " can't be read: " + reason() : " has become shorter meanwhile"));
    }
    got += static_cast<std::size_t>(count);
  }
  return text_;
}

}  // namespace katydid
