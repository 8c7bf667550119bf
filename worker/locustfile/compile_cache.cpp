#include "worker/locustfile/compile_cache.hpp"

#include "base/digest.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/time_written.hpp"
#include "worker/log/log.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

namespace katydid {
namespace {

namespace fs = std::filesystem;
constexpr log::Logger logger{"katydid.locustfile"};
constexpr std::string_view result_extension = ".so";
constexpr std::string_view includes_extension = ".includes";
constexpr std::string_view lock_extension = ".lock";
constexpr std::string_view temporary_prefix = "tmp-", protos_prefix = "protos-";

struct Problem {
  bool unsafe = false;  // somebody else could put code there
  std::string text;
};

std::string reason() { return std::strerror(errno); }

// Makes the directory if need be; what speaks against using it, or nothing.
std::optional<Problem> prepare(const fs::path& directory) {
  std::error_code ignored;
  fs::create_directories(directory.parent_path(), ignored);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return Problem{false, "can't be made: " + reason()};
  struct stat status = {};
  if (stat(directory.c_str(), &status) != 0) return Problem{false, "can't be read: " + reason()};
  if (!S_ISDIR(status.st_mode)) return Problem{false, "is not a directory"};
  if (status.st_uid != geteuid()) {
    return Problem{true, "belongs to user " + std::to_string(status.st_uid) + ", not to user " +
                             std::to_string(geteuid()) + ", and code from it would be run"};
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Problem{true, "can be written by others, and code from it would be run: chmod go-w it"};
  }
  if (access(directory.c_str(), R_OK | W_OK | X_OK) != 0) return Problem{false, "can't be written: " + reason()};
  return std::nullopt;
}

fs::path home() {
  if (const char* value = std::getenv("HOME"); value && *value) return value;
  const passwd* user = getpwuid(geteuid());
  return user ? user->pw_dir : "/nonexistent";
}

fs::path default_directory() {
  const char* base = std::getenv("XDG_CACHE_HOME");
  return (base && *base == '/' ? fs::path(base) : home() / ".cache") / "katydid";
}

fs::path temporary_base() {
  const char* value = std::getenv("TMPDIR");
  return value && *value ? value : "/tmp";
}

// In /tmp, anybody may have made a link of this name.
fs::path fallback_directory() {
  fs::path shared = temporary_base() / ("katydid-" + std::to_string(geteuid()));
  if (!fs::is_symlink(fs::symlink_status(shared)) && !prepare(shared)) return shared;
  std::string own = (temporary_base() / "katydid-XXXXXX").string();
  if (mkdtemp(own.data()) != nullptr) return own;
  throw LocustfileError("there is nowhere to put the compiled locustfile: neither the cache directory nor " +
                        temporary_base().string() + " can be written; name a directory with --cache-dir");
}

fs::path open_directory(const fs::path& wanted) {
  fs::path directory = fs::absolute(wanted.empty() ? default_directory() : wanted);
  const auto problem = prepare(directory);
  if (!problem) return directory;
  if (problem->unsafe && !wanted.empty()) {
    throw LocustfileError("the cache directory " + directory.string() + " " + problem->text +
                          "; name another one with --cache-dir or KATYDID_CACHE_DIR");
  }
  fs::path fallback = fallback_directory();
  logger.warning("The cache directory {} {}; using {} in its place", directory.string(), problem->text,
                 fallback.string());
  return fallback;
}

// Toolchain headers are hundreds, and change with a package that sets their time; others are compared by content.
std::string state_of(const fs::path& file) {
  std::error_code error;
  if (file.native().starts_with("/usr/")) {
    const std::string time = time_written(file, error);
    const auto size = error ? 0 : fs::file_size(file, error);
    return error ? "missing" : std::to_string(size) + "@" + time;
  }
  return digest_of_file(file).value_or("missing");
}

fs::path result_name(const std::string& key, const std::vector<fs::path>& includes) {
  Digest digest;
  for (const fs::path& file : includes) digest.add(file.native()).add(state_of(file));
  return key + "-" + digest.hex().substr(0, 32) + std::string(result_extension);
}

void write_file(const fs::path& file, const fs::path& temporary, std::string_view content) {
  std::ofstream(temporary, std::ios::binary) << content;
  std::error_code ignored;  // a full disk: nothing is found at the next start, and it is compiled again
  fs::rename(temporary, file, ignored);
}

std::string key_of(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find_first_of("-."));
}

}  // namespace

CompileCache::CompileCache(const fs::path& wanted) : directory_(open_directory(wanted)) {}

std::optional<fs::path> CompileCache::find(const std::string& key) const {
  const auto listed = read_file(directory_ / (key + std::string(includes_extension)));
  if (!listed) return std::nullopt;
  std::vector<fs::path> includes;
  std::istringstream lines(*listed);
  for (std::string line; std::getline(lines, line);) includes.emplace_back(line);

  fs::path result = directory_ / result_name(key, includes);
  std::error_code error;
  if (!fs::is_regular_file(result, error)) return std::nullopt;
  fs::last_write_time(result, fs::file_time_type::clock::now(), error);  // prune() goes by it
  return result;
}

fs::path CompileCache::store(const std::string& key, const fs::path& compiled, const std::vector<fs::path>& includes,
                             fs::file_time_type started) const {
  const fs::path list = directory_ / (key + std::string(includes_extension));
  fs::path result = directory_ / result_name(key, includes);
  std::error_code error;
  fs::rename(compiled, result, error);
  if (error) {
    throw LocustfileError("the compiled locustfile can't be kept in " + directory_.string() + ": " + error.message());
  }
  // A file that was saved while the compiler ran: which of its states the result has is unknown. One with a time in the
  // future was written by a clock that is ahead.
  const auto now = fs::file_time_type::clock::now();
  const bool edited = std::ranges::any_of(includes, [&](const fs::path& file) {
    const auto time = fs::last_write_time(file, error);
    return !error && time >= started && time <= now;
  });
  if (edited) {
    fs::remove(list, error);
    return result;
  }
  std::string lines;
  for (const fs::path& file : includes) lines += file.native() + '\n';
  write_file(list, temporary(includes_extension), lines);
  return result;
}

CompileCache::Lock::Lock(const fs::path& file, std::string_view purpose)
    : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  // Without locks (some network file systems) each process compiles for itself, which is correct as well.
  if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  logger.info("Waiting for another katydid that compiles {}", purpose);
  while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

CompileCache::Lock::~Lock() {
  if (descriptor_ >= 0) close(descriptor_);
}

CompileCache::Lock CompileCache::lock(const std::string& key, std::string_view purpose) const {
  return Lock(directory_ / (key + std::string(lock_extension)), purpose);
}

fs::path CompileCache::temporary(std::string_view extension) const {
  static std::atomic<unsigned> count = 0;
  static const unsigned random = std::random_device{}();  // containers that share a directory have the same pids
  std::ostringstream name;
  name << temporary_prefix << std::hex << random << '-' << getpid() << '-' << ++count << extension;
  return directory_ / name.str();
}

fs::path CompileCache::protos_folder(const std::string& key) const {
  return directory_ / (std::string(protos_prefix) + key);
}

std::optional<std::string> CompileCache::note(const std::string& name) const { return read_file(directory_ / name); }

void CompileCache::set_note(const std::string& name, std::string_view text) const {
  write_file(directory_ / name, temporary(".note"), text);
}

void CompileCache::prune(std::size_t most) const {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> results;
  std::vector<fs::path> others;
  const auto now = fs::file_time_type::clock::now();
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
    const fs::path& file = entry.path();
    const auto time = entry.last_write_time(error);
    if (error) continue;
    if (file.filename().native().starts_with(temporary_prefix)) {
      if (now - time > std::chrono::hours(1)) fs::remove_all(file, error);
    } else if (file.filename().native().starts_with(protos_prefix)) {
      if (now - time > std::chrono::hours(24 * 7)) fs::remove_all(file, error);
    } else if (file.extension() == result_extension) {
      results.emplace_back(time, file);
    } else if (file.extension() == includes_extension || file.extension() == lock_extension) {
      others.push_back(file);
    }
  }
  std::ranges::sort(results, std::greater{});
  while (results.size() > most) {
    fs::remove(results.back().second, error);
    results.pop_back();
  }
  for (const fs::path& file : others) {
    const auto belongs = [key = key_of(file)](const auto& result) { return key_of(result.second) == key; };
    if (std::ranges::none_of(results, belongs) && now - fs::last_write_time(file, error) > std::chrono::minutes(10)) {
      fs::remove(file, error);
    }
  }
}

}  // namespace katydid
