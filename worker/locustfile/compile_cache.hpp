#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// Compiled locustfiles by content. Several processes may use one directory at the same time: files appear by rename.
///
/// `KEY.includes` lists what a source included when it was last compiled, and `KEY-STATE.so` is the result for one
/// state of those files. KEY stands for the source, the compiler, the flags and this katydid.
class CompileCache {
 public:
  static constexpr std::size_t max_entries = 64;

  /// Opens `wanted`, or the user's cache directory when it is empty. What is in it is going to be run: throws
  /// LocustfileError when others can write to it. A directory that can't be written is replaced by one in the temporary
  /// directory, with a warning.
  explicit CompileCache(const std::filesystem::path& wanted);

  const std::filesystem::path& directory() const { return directory_; }

  std::optional<std::filesystem::path> find(const std::string& key) const;

  /// Moves `compiled` into the cache. It will not be found again when an included file has changed since `started`.
  std::filesystem::path store(const std::string& key, const std::filesystem::path& compiled,
                              const std::vector<std::filesystem::path>& includes,
                              std::filesystem::file_time_type started) const;

  /// Held while a key is compiled, so that of several processes one compiles and the others take its result.
  class Lock {
   public:
    Lock(const std::filesystem::path& file, std::string_view purpose);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int descriptor_ = -1;
  };
  Lock lock(const std::string& key, std::string_view purpose) const;

  /// A name for a new file, unique among all processes.
  std::filesystem::path temporary(std::string_view extension) const;

  /// Where what protoc has made is kept; not there before it is made.
  std::filesystem::path protos_folder(const std::string& key) const;

  /// A small text that costs time to find out.
  std::optional<std::string> note(const std::string& name) const;
  void set_note(const std::string& name, std::string_view text) const;

  /// Removes what was not used for longest, beyond `most` results, and what killed processes left behind.
  void prune(std::size_t most = max_entries) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace katydid
