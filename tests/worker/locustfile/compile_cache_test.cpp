#include "worker/locustfile/compile_cache.hpp"

#include "base/digest.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/log/log.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string key(32, 'a');
const std::string other_key(32, 'b');

struct CollectedLog {
  CollectedLog() {
    log::set_handler([this](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  }
  ~CollectedLog() { log::set_handler(nullptr); }
  std::vector<std::string> lines;
};

mode_t mode_of(const fs::path& file) {
  struct stat status = {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

fs::path compiled(const CompileCache& cache, const std::string& text = "code") {
  const fs::path file = cache.temporary(".so");
  std::ofstream(file) << text;
  return file;
}

void age(const fs::path& file, std::chrono::minutes by) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - by);
}

}  // namespace

TEST_CASE("a result is found as long as the included files are what they were") {
  TemporaryDirectory directory;
  const CompileCache cache(directory.path / "cache");
  const fs::path header = directory.write("a.hpp", "one");
  age(header, 1min);
  CHECK_FALSE(cache.find(key));
  const auto started = fs::file_time_type::clock::now();
  const fs::path result = cache.store(key, compiled(cache), {header, directory.path / "gone.hpp"}, started);
  CHECK(read_file(result) == "code");
  CHECK(cache.find(key) == result);
  CHECK_FALSE(cache.find(other_key));
  directory.write("a.hpp", "two");
  CHECK_FALSE(cache.find(key));
  directory.write("a.hpp", "one");
  CHECK(cache.find(key) == result);
  directory.write("gone.hpp", "back");
  CHECK_FALSE(cache.find(key));
}

TEST_CASE("a file that was saved while the compiler ran is not trusted") {
  TemporaryDirectory directory;
  const CompileCache cache(directory.path / "cache");
  const auto started = fs::file_time_type::clock::now() - 1min;
  const fs::path header = directory.write("a.hpp", "saved after the start");
  CHECK(fs::exists(cache.store(key, compiled(cache), {header}, started)));
  CHECK_FALSE(cache.find(key));
  fs::last_write_time(header, fs::file_time_type::clock::now() + 24h);  // by a clock that is ahead
  CHECK(fs::exists(cache.store(key, compiled(cache), {header}, started)));
  CHECK(cache.find(key));
}

TEST_CASE("the directory is private, and so are its parents left as they are") {
  TemporaryDirectory directory;
  const CompileCache cache(directory.path / "some/where/cache");
  CHECK(cache.directory() == directory.path / "some/where/cache");
  CHECK(mode_of(cache.directory()) == 0700);
}

TEST_CASE("a directory that others can write to is refused") {
  TemporaryDirectory directory;
  const fs::path shared = directory.path / "shared";
  fs::create_directory(shared);
  for (const mode_t mode : {0770, 0707}) {
    chmod(shared.c_str(), mode);
    CHECK_THROWS_WITH_AS(CompileCache{shared}, doctest::Contains("can be written by others"), LocustfileError);
  }
  chmod(shared.c_str(), 0755);
  CHECK(CompileCache(shared).directory() == shared);
}

TEST_CASE("a directory of somebody else is refused") {
  if (geteuid() != 0) return;  // only root can make one
  TemporaryDirectory directory;
  const fs::path foreign = directory.path / "foreign";
  fs::create_directory(foreign);
  REQUIRE(chown(foreign.c_str(), 12345, 12345) == 0);
  CHECK_THROWS_WITH_AS(
      CompileCache{foreign},
      doctest::Contains("belongs to user 12345, not to user 0, and code from it would be run; name another one with "
                        "--cache-dir or KATYDID_CACHE_DIR"),
      LocustfileError);

  CollectedLog log;
  ScopedVariable base("XDG_CACHE_HOME", directory.path.string());
  ScopedVariable temporary("TMPDIR", directory.path.string());
  fs::rename(foreign, directory.path / "katydid");
  const CompileCache cache{fs::path()};
  CHECK(cache.directory() == directory.path / "katydid-0");
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].starts_with("The cache directory " + (directory.path / "katydid").string() + " belongs to user"));
}

TEST_CASE("the default is the user's cache directory") {
  TemporaryDirectory directory;
  ScopedVariable home("HOME", directory.path.string());
  {
    ScopedVariable base("XDG_CACHE_HOME", (directory.path / "xdg").string());
    CHECK(CompileCache({}).directory() == directory.path / "xdg/katydid");
  }
  ScopedVariable relative("XDG_CACHE_HOME", "relative");  // to be ignored, says the specification
  CHECK(CompileCache({}).directory() == directory.path / ".cache/katydid");
}

TEST_CASE("a directory that can't be written is replaced by a private one in the temporary directory") {
  TemporaryDirectory directory;
  CollectedLog log;
  ScopedVariable temporary("TMPDIR", directory.path.string());
  const fs::path file = directory.write("file", "no directory");
  const fs::path fallback = directory.path / ("katydid-" + std::to_string(geteuid()));
  CHECK(CompileCache(file / "cache").directory() == fallback);
  CHECK(CompileCache(file).directory() == fallback);
  CHECK(mode_of(fallback) == 0700);
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[0] == "The cache directory " + (file / "cache").string() + " can't be made: Not a directory; using " +
                            fallback.string() + " in its place");

  SUBCASE("of which a link is not followed") {
    fs::remove_all(fallback);
    fs::create_directory(directory.path / "trap");
    fs::create_directory_symlink(directory.path / "trap", fallback);
    const fs::path own = CompileCache(file).directory();
    CHECK(own.native().starts_with((directory.path / "katydid-").native()));
    CHECK(own != fallback);
    CHECK(fs::is_empty(directory.path / "trap"));
    CHECK(mode_of(own) == 0700);
  }
  SUBCASE("and when there is none, it is said so") {
    ScopedVariable nowhere("TMPDIR", (directory.path / "file").string());
    CHECK_THROWS_WITH_AS(CompileCache{file}, doctest::Contains("name a directory with --cache-dir"), LocustfileError);
  }
}

TEST_CASE("the results that were not used for longest are dropped, with what belongs to them") {
  TemporaryDirectory directory;
  const CompileCache cache(directory.path / "cache");
  std::vector<std::string> keys;
  const auto started = fs::file_time_type::clock::now();
  for (int i = 0; i < 6; ++i) {
    keys.push_back(std::string(30, 'c') + std::to_string(10 + i));
    const CompileCache::Lock lock = cache.lock(keys.back(), "a file");
    age(cache.store(keys.back(), compiled(cache), {}, started), 60min - i * 1min);
    for (const char* extension : {".includes", ".lock"}) age(cache.directory() / (keys.back() + extension), 60min);
  }
  const fs::path left_behind = cache.temporary(".so");
  const fs::path under_way = cache.temporary(".so");
  for (const fs::path& file : {left_behind, under_way}) std::ofstream(file) << "x";
  age(left_behind, 61min);
  cache.set_note("compiler-x", "g++ 12");

  CHECK(cache.find(keys[1]));  // which counts as a use
  cache.prune(3);
  CHECK(cache.find(keys[1]));
  CHECK(cache.find(keys[4]));
  CHECK(cache.find(keys[5]));
  for (const int gone : {0, 2, 3}) {
    const std::string& name = keys[static_cast<std::size_t>(gone)];
    CHECK_FALSE(cache.find(name));
    CHECK_FALSE(fs::exists(cache.directory() / (name + ".includes")));
    CHECK_FALSE(fs::exists(cache.directory() / (name + ".lock")));
  }
  CHECK_FALSE(fs::exists(left_behind));
  CHECK(fs::exists(under_way));
  CHECK(cache.note("compiler-x") == "g++ 12");
}
