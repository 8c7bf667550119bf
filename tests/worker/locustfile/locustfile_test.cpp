#include "worker/locustfile/locustfile.hpp"

#include "base/digest.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/compiler.hpp"
#include "worker/log/log.hpp"
#include "worker/process/subprocess.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace katydid;
namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

namespace {

// A folder with locustfiles, a cache, and a compiler that counts how often it is asked to compile.
struct Workshop {
  Workshop() {
    log::set_handler([this](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
    const CompileCache cache(path / "cache");
    real_compiler = find_compiler("", cache).command.front();
    compiler = path / "counting-c++";
    source("counting-c++", "#!/bin/sh\ncase \" $* \" in *' -o '*) echo x >> '" + (path / "count").string() +
                               "';; esac\nexec '" + real_compiler + "' \"$@\"\n");
    fs::permissions(compiler, fs::perms::owner_all);
    options = {.compiler = compiler.string(), .cache_dir = path / "cache"};
  }
  ~Workshop() { log::set_handler(nullptr); }

  fs::path source(const std::string& name, const std::string& text) const { return directory.write(name, text); }
  Paths compile(const Paths& files) { return compile_locustfiles(files, options); }
  fs::path compile(const fs::path& file) { return compile(Paths{file}).front(); }
  int compilations() const {
    const auto text = read_file(path / "count");
    return text ? static_cast<int>(std::count(text->begin(), text->end(), '\n')) : 0;
  }

  TemporaryDirectory directory;
  fs::path path = directory.path;
  std::string real_compiler;
  fs::path compiler;
  CompileOptions options;
  std::vector<std::string> lines;
};

// Sets the variable when it is loaded.
std::string setting(const std::string& variable, const std::string& value) {
  return "#include <stdlib.h>\n[[maybe_unused]] static const int loaded = setenv(\"" + variable + "\", " + value +
         ", 1);\n";
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const LocustfileError& error) {
    return error.what();
  }
  return "no error";
}

std::size_t files_in(const fs::path& directory, const char* extension) {
  return static_cast<std::size_t>(std::count_if(fs::directory_iterator(directory), {},
                                                [&](const auto& e) { return e.path().extension() == extension; }));
}

}  // namespace

TEST_CASE("a locustfile is compiled once and loaded") {
  Workshop shop;
  const fs::path file = shop.source("one.cpp", setting("KATYDID_TEST_ONE", "\"yes\""));
  const fs::path result = shop.compile(file);
  CHECK(shop.compilations() == 1);
  CHECK(shop.compile(file) == result);
  CHECK(shop.compilations() == 1);
  REQUIRE(shop.lines.size() == 2);
  CHECK(shop.lines[0] == "Compiling one.cpp");
  CHECK(shop.lines[1].starts_with("Compiled one.cpp in "));
  CHECK(variable("KATYDID_TEST_ONE") == "");
  load_locustfile(result, file);
  CHECK(variable("KATYDID_TEST_ONE") == "yes");
}

TEST_CASE("the cache goes by content: of the file, of what it includes, of flags and compiler") {
  Workshop shop;
  shop.source("value.hpp", "#define VALUE 1\n");
  const fs::path file = shop.source("two.cpp", "#include \"value.hpp\"\nint value = VALUE;\n");
  const fs::path first = shop.compile(file);
  REQUIRE(shop.compilations() == 1);

  SUBCASE("the file") {
    shop.source("two.cpp", "#include \"value.hpp\"\nint value = VALUE + 1;\n");
    CHECK(shop.compile(file) != first);
    CHECK(shop.compilations() == 2);
  }
  SUBCASE("an included file, and back again") {
    shop.source("value.hpp", "#define VALUE 2\n");
    CHECK(shop.compile(file) != first);
    CHECK(shop.compilations() == 2);
    shop.source("value.hpp", "#define VALUE 1\n");
    CHECK(shop.compile(file) == first);
    CHECK(shop.compilations() == 2);
  }
  SUBCASE("a time stamp alone changes nothing") {
    for (const char* name : {"two.cpp", "value.hpp"})
      fs::last_write_time(shop.path / name, fs::file_time_type::clock::now());
    CHECK(shop.compile(file) == first);
    CHECK(shop.compilations() == 1);
  }
  SUBCASE("an included file that is gone is the compiler's error, not an old result") {
    fs::remove(shop.path / "value.hpp");
    CapturedStderr captured;
    CHECK(error_of([&] { shop.compile(file); }).find("two.cpp does not compile") != std::string::npos);
  }
  SUBCASE("flags") {
    shop.options.flags = {"-DOTHER"};
    CHECK(shop.compile(file) != first);
    CHECK(shop.compilations() == 2);
  }
  SUBCASE("the compiler") {
    fs::last_write_time(shop.compiler, fs::last_write_time(shop.compiler) + std::chrono::seconds(1));
    CHECK(shop.compile(file) != first);
    CHECK(shop.compilations() == 2);
  }
  SUBCASE("the same text elsewhere includes other files") {
    fs::create_directory(shop.path / "elsewhere");
    shop.source("elsewhere/value.hpp", "#define VALUE 3\n");
    const fs::path copy = shop.source("elsewhere/two.cpp", "#include \"value.hpp\"\nint value = VALUE;\n");
    CHECK(shop.compile(copy) != first);
    CHECK(shop.compilations() == 2);
  }
}

TEST_CASE("names that make would have to escape are tracked too") {
  Workshop shop;
  shop.source("a $ b#c.hpp", "#define VALUE 1\n");
  const fs::path file = shop.source("odd name.cpp", "#include \"a $ b#c.hpp\"\nint value = VALUE;\n");
  const fs::path first = shop.compile(file);
  CHECK(shop.compile(file) == first);
  shop.source("a $ b#c.hpp", "#define VALUE 2\n");
  CHECK(shop.compile(file) != first);
}

TEST_CASE("several files are compiled each by itself, and only those that changed") {
  Workshop shop;
  const auto text = [](const char* name, const char* value) {
    return "struct Same { static const char* value() { return \"" + std::string(value) +
           "\"; } };\ninline int shared = 1;\n" + setting(name, "(++shared, shared == 2) ? Same::value() : \"merged\"");
  };
  const Paths files = {shop.source("a.cpp", text("KATYDID_TEST_A", "a")),
                       shop.source("b.cpp", text("KATYDID_TEST_B", "b")),
                       shop.source("c.cpp", text("KATYDID_TEST_C", "c"))};
  const Paths results = shop.compile(files);
  REQUIRE(results.size() == 3);
  CHECK(shop.compilations() == 3);
  for (std::size_t i = 0; i < files.size(); ++i) load_locustfile(results[i], files[i]);
  CHECK(variable("KATYDID_TEST_A") == "a");
  CHECK(variable("KATYDID_TEST_B") == "b");
  CHECK(variable("KATYDID_TEST_C") == "c");

  shop.source("b.cpp", text("KATYDID_TEST_B", "changed"));
  const Paths again = shop.compile(files);
  CHECK(shop.compilations() == 4);
  CHECK(again[0] == results[0]);
  CHECK(again[1] != results[1]);
  CHECK(again[2] == results[2]);
}

TEST_CASE("compiler errors are shown as they are, and all broken files named") {
  Workshop shop;
  const Paths files = {shop.source("good.cpp", "int good;\n"), shop.source("bad.cpp", "int bad = oops;\n"),
                       shop.source("worse.cpp", "#error on purpose\n")};
  CapturedStderr captured;
  const std::string error = error_of([&] { shop.compile(files); });
  const std::string shown = captured.text();
  CHECK(error.starts_with("bad.cpp, worse.cpp do not compile ("));
  CHECK(error.ends_with(shop.compiler.string() + ")"));
  CHECK(shown.find("bad.cpp:1:11: error: ") != std::string::npos);
  CHECK(shown.find("on purpose") > shown.find("bad.cpp:1:11"));
  CHECK(shown.find('\x1b') == std::string::npos);
  CapturedStderr again;
  CHECK(error_of([&] { shop.compile(Paths{files[2]}); }).starts_with("worse.cpp does not compile ("));
  CHECK(files_in(shop.path / "cache", ".so") == 1);
  CHECK(files_in(shop.path / "cache", ".d") == 0);
}

TEST_CASE("of several processes that start at the same time, one compiles") {
  Workshop shop;
  const fs::path file = shop.source("many.cpp", "int many;\n");
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int code = 1;
      try {
        code = fs::exists(shop.compile(file)) ? 0 : 2;
      } catch (...) {
      }
      _exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(shop.compilations() == 1);
}

TEST_CASE("compiler and flags are the user's to choose") {
  Workshop shop;
  const fs::path file =
      shop.source("flags.cpp", "#ifndef NEEDED\n#error not given\n#endif\n" + setting("KATYDID_TEST_FLAGS", "NEEDED"));
  shop.options.flags = {"-DNEEDED=\"with space\"", "-O0"};
  shop.options.compiler = "'" + shop.compiler.string() + "' -Wall";
  load_locustfile(shop.compile(file), file);
  CHECK(variable("KATYDID_TEST_FLAGS") == "with space");
}

TEST_CASE("a compiler that can't be used is explained") {
  Workshop shop;
  const fs::path file = shop.source("any.cpp", "int any;\n");
  const auto error_with = [&](const std::string& compiler) {
    shop.options.compiler = compiler;
    return error_of([&] { shop.compile(file); });
  };
  CHECK(
      error_with("no-such-c++") ==
      "there is no program 'no-such-c++'; a locustfile is compiled with g++ from version 11 or clang++ from version 14 "
      "(--cxx, KATYDID_CXX and CXX name another one)");
  CHECK(error_with("g++ 'open").starts_with("the compiler command 'g++ 'open' can't be read: "));

  const auto fake = [&](const char* name, const std::string& defines) {
    const fs::path program = shop.source(name, "#!/bin/sh\ncat <<'END'\n" + defines + "END\n");
    fs::permissions(program, fs::perms::owner_all);
    return program.string();
  };
  const std::string old =
      fake("old-g++", "#define __GNUC__ 9\n#define __GNUC_MINOR__ 4\n#define __GNUC_PATCHLEVEL__ 0\n");
  CHECK(error_with(old).starts_with(old + " is g++ 9.4.0, which is too old; a locustfile is compiled with g++ from"));
  const std::string old_clang = fake("old-clang++", "#define __GNUC__ 4\n#define __clang_major__ 13\n");
  CHECK(error_with(old_clang).starts_with(old_clang + " is clang++ 13.0.0, which is too old; "));
  const std::string other = fake("other", "hello\n");
  CHECK(error_with(other).starts_with(other + " is no C++ compiler that katydid knows; "));
}

TEST_CASE("a symbol that nobody defines is named when the file is loaded") {
  Workshop shop;
  const fs::path file =
      shop.source("undefined.cpp", "namespace shop { int price(const char*); }\nint total = shop::price(\"x\");\n");
  const fs::path result = shop.compile(file);
  CHECK(error_of([&] {
          load_locustfile(result, file);
        }).starts_with("'undefined.cpp' uses 'shop::price(char const*)', which is declared but nowhere defined. "));
  const fs::path own =
      shop.source("own.cpp", "namespace katydid { int not_there(); }\nint total = katydid::not_there();\n");
  const fs::path own_result = shop.compile(own);
  CHECK(error_of([&] {
          load_locustfile(own_result, own);
        }).starts_with("'own.cpp' uses 'katydid::not_there()', which this katydid "));
}

TEST_CASE("what another katydid compiled is not loaded") {
  Workshop shop;
  const fs::path file = shop.source("other.cpp",
                                    "extern \"C\" const char katydid_abi_0123456789abcdef;\n"
                                    "const char* needed = &katydid_abi_0123456789abcdef;\n");
  const fs::path result = shop.compile(file);
  CHECK(error_of([&] { load_locustfile(result, file); }).starts_with("'other.cpp' was compiled for another katydid"));
}

TEST_CASE("an initializer that throws is reported with the file") {
  Workshop shop;
  const fs::path file =
      shop.source("throws.cpp",
                  "#include <stdexcept>\nint fail() { throw std::invalid_argument(\"weight must not be "
                  "negative\"); }\nint value = fail();\n");
  const fs::path result = shop.compile(file);
  // The dynamic loader lets no exception through, so the program ends.
  CapturedStderr captured;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    load_locustfile(result, file);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(captured.text() == "katydid: 'throws.cpp': weight must not be negative\n");
}

TEST_CASE("shared objects are loaded as they are") {
  Workshop shop;
  const fs::path file = shop.source("ready.cpp", setting("KATYDID_TEST_READY", "\"yes\""));
  save_locustfile({file.string()}, shop.options, shop.path / "users.so");
  shop.options.compiler = "no-such-c++";  // needs none
  load_locustfiles({(shop.path / "users.so").string()}, shop.options);
  CHECK(variable("KATYDID_TEST_READY") == "yes");
  const fs::path garbage = shop.source("garbage.so", "not a shared object");
  CHECK(error_of([&] {
          save_locustfile({file.string(), garbage.string()}, shop.options, shop.path / "x.so");
        }) == "--compile-to takes one locustfile, not 2");
  CHECK(error_of([&] {
          save_locustfile({(shop.path / "users.so").string()}, shop.options, shop.path / "no/such/folder.so");
        }).ends_with("folder.so' can't be written: No such file or directory"));
  CHECK(error_of([&] { load_locustfile(garbage, garbage); }).starts_with("'garbage.so' can't be loaded: "));
}

TEST_CASE("files are found, or it is said what is wrong with them") {
  TemporaryDirectory directory;
  const auto full = [&](const char* name) { return (directory.path / name).string(); };
  fs::create_directories(directory.path / "tests/deep");
  fs::create_directories(directory.path / "empty");
  for (const char* name : {"a.cpp", "b.cc", "c.so", "x.py", "notes.txt", "tests/two.cpp", "tests/deep/one.cxx"}) {
    directory.write(name, "x");
  }
  directory.write("nothing.cpp", "");
  directory.write("python.py", "x");

  CHECK(find_locustfiles({full("a.cpp"), full("b.cc"), full("c.so"), full("./a.cpp")}) ==
        Paths{full("a.cpp"), full("b.cc"), full("c.so")});
  CHECK(find_locustfiles({full("tests")}) == Paths{full("tests/deep/one.cxx"), full("tests/two.cpp")});

  const auto error = [&](const std::string& name) { return error_of([&] { find_locustfiles({name}); }); };
  CHECK(error(full("missing.cpp")) == "Could not find '" + full("missing.cpp") +
                                          "'. Ensure your locustfile ends with '.cpp' or '.so', or is a directory with "
                                          "locustfiles. See --help for available options.");
  CHECK(error(full("python.cpp"))
            .ends_with("('" + full("python.py") +
                       "' is there: -f runs it where the Python package katydid is installed.)"));
  CHECK(error(full("x.py")) == "'" + full("x.py") + "' is a Python locustfile, and runs by itself: 'katydid -f " +
                                   full("x.py") + "', where the Python package katydid is installed");
  CHECK(error(full("empty")) == "Could not find any C++ locustfiles in directory '" + full("empty") + "'");
  CHECK(error(full("notes.txt")).starts_with("'" + full("notes.txt") + "' is neither C++ nor a shared object. Ensure"));
  CHECK(error(full("nothing.cpp")).starts_with("'" + full("nothing.cpp") + "' is empty: "));
}

TEST_CASE("a program's output and exit code are caught") {
  const SubprocessResult result = run_subprocess({"sh", "-c", "echo out; echo err >&2; read line || echo end; exit 3"});
  CHECK(result.exit_code == 3);
  CHECK(result.output == "out\nerr\nend\n");
  CHECK(run_subprocess({"sh", "-c", "kill -TERM $$"}).exit_code == 128 + 15);
  CHECK_THROWS_AS(run_subprocess({"/no/such/program"}), std::system_error);
}

TEST_CASE("digests are SHA-256") {
  TemporaryDirectory directory;
  directory.write("abc", "abc");
  CHECK(digest_of_file(directory.path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_FALSE(digest_of_file(directory.path));
  CHECK_FALSE(digest_of_file(directory.path / "missing"));
  CHECK(Digest().add("ab").add("c").hex() != Digest().add("a").add("bc").hex());
}
