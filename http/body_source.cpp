#include "http/body_source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace katydid {
namespace {

constexpr std::size_t piece_size = 64 * 1024;

class FilledBody final : public BodySource {
 public:
  FilledBody(FillBody fill, std::optional<std::uint64_t> size) : fill_(std::move(fill)), size_(size) {}

  std::optional<std::uint64_t> size() const override { return size_; }

  Next next() override {
    begun_ = true;
    const std::size_t filled = fill_(room_);
    if (filled > room_.size()) throw std::length_error("the function says that it has filled more than its room");
    if (filled == 0) return {State::end};
    return {State::piece, {room_.data(), filled}};
  }

  bool rewind() override { return !begun_; }

 private:
  FillBody fill_;
  std::optional<std::uint64_t> size_;
  std::vector<char> room_ = std::vector<char>(piece_size);
  bool begun_ = false;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class FileBody final : public BodySource {
 public:
  explicit FileBody(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rbe")) {
    struct stat status {};
    if (!file_ || ::fstat(fileno(file_.get()), &status) != 0) fail();
    if (S_ISDIR(status.st_mode)) throw std::system_error(EISDIR, std::generic_category(), path_);
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);  // the piece is the buffer
  }

  std::optional<std::uint64_t> size() const override { return size_; }

  Next next() override {
    begun_ = true;
    const std::size_t read = std::fread(piece_.data(), 1, piece_.size(), file_.get());
    if (read > 0) return {State::piece, {piece_.data(), read}};
    if (std::ferror(file_.get())) fail();
    return {State::end};
  }

  bool rewind() override { return !begun_ || std::fseek(file_.get(), 0, SEEK_SET) == 0; }

 private:
  [[noreturn]] void fail() const { throw std::system_error(errno, std::generic_category(), path_); }

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::optional<std::uint64_t> size_;  // of what is no pipe or device
  std::vector<char> piece_ = std::vector<char>(piece_size);
  bool begun_ = false;
};

}  // namespace

std::shared_ptr<BodySource> body_from(FillBody fill, std::optional<std::uint64_t> size) {
  if (!fill) throw std::invalid_argument("body_from() needs a function");
  return std::make_shared<FilledBody>(std::move(fill), size);
}

std::shared_ptr<BodySource> file_body(const std::string& path) { return std::make_shared<FileBody>(path); }

}  // namespace katydid
