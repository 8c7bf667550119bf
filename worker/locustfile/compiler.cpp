#include "worker/locustfile/compiler.hpp"

#include "base/bad_value.hpp"
#include "base/digest.hpp"
#include "worker/locustfile/build_info.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/time_written.hpp"
#include "worker/process/subprocess.hpp"
#include "worker/process/words.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <system_error>

namespace katydid {
namespace {

namespace fs = std::filesystem;

constexpr int least_gcc = 11;
constexpr int least_clang = 14;

constexpr const char* candidates[] = {"c++",        "g++",        "g++-15",     "g++-14",     "g++-13",
                                      "g++-12",     "g++-11",     "clang++",    "clang++-20", "clang++-19",
                                      "clang++-18", "clang++-17", "clang++-16", "clang++-15", "clang++-14"};

// How the system's own package manager installs a compiler, by the distribution's ID or one that it is like.
std::string how_to_install() {
#ifdef __APPLE__
  return "xcode-select --install";
#else
  constexpr std::array<std::array<const char*, 2>, 9> commands = {{{"debian", "apt-get install g++"},
                                                                   {"ubuntu", "apt-get install g++"},
                                                                   {"fedora", "dnf install gcc-c++"},
                                                                   {"rhel", "dnf install gcc-c++"},
                                                                   {"centos", "dnf install gcc-c++"},
                                                                   {"alpine", "apk add g++"},
                                                                   {"arch", "pacman -S gcc"},
                                                                   {"suse", "zypper install gcc-c++"},
                                                                   {"opensuse", "zypper install gcc-c++"}}};
  std::istringstream release(read_file("/etc/os-release").value_or(""));
  for (std::string line; std::getline(release, line);) {
    if (!line.starts_with("ID=") && !line.starts_with("ID_LIKE=")) continue;
    for (const auto& [id, command] : commands) {
      if (line.find(id) != std::string::npos) return command;
    }
  }
  return "install the package g++, gcc-c++ or clang";
#endif
}

std::string needed() {
  return "a locustfile is compiled with g++ from version " + std::to_string(least_gcc) + " or clang++ from version " +
         std::to_string(least_clang);
}

// The file that a command runs, and the compiler behind a launcher.
std::vector<fs::path> programs_of(const std::vector<std::string>& command) {
  std::vector<fs::path> programs;
  for (const std::string& word : command) {
    const fs::path program = find_in_path(word);
    if (program.empty()) break;
    programs.push_back(program);
    const std::string name = program.filename().string();
    if (name != "ccache" && name != "sccache" && name != "distcc" && name != "icecc") break;
  }
  return programs;
}

std::string fingerprint_of(const std::vector<std::string>& command, const std::vector<fs::path>& programs) {
  Digest digest;
  for (const std::string& word : command) digest.add(word);
  for (const fs::path& program : programs) {
    std::error_code error;
    const fs::path file = fs::canonical(program, error);
    digest.add(file.native()).add(std::to_string(fs::file_size(file, error))).add(time_written(file, error));
  }
  return digest.hex();
}

struct Version {
  std::string family;  // "g++", "clang++", or empty: neither
  int major = 0, minor = 0, patch = 0;
};

std::string text_of(const Version& version) {
  return version.family + " " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch);
}

std::string macro_in(const std::string& defines, const std::string& name) {
  const std::string start = "#define " + name + " ";
  const std::size_t at = defines.find(start);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + start.size();
  return defines.substr(begin, defines.find('\n', begin) - begin);
}

Version ask(const std::vector<std::string>& command) {
  std::vector<std::string> question = command;
  for (const char* word : {"-std=c++20", "-dM", "-E", "-x", "c++", "/dev/null"}) question.emplace_back(word);
  SubprocessResult answer;
  try {
    answer = run_subprocess(question);
  } catch (const std::system_error&) {
    return {};
  }
  const auto number = [&](const char* name) { return std::atoi(macro_in(answer.output, name).c_str()); };
  if (number("__clang_major__") > 0) {
    return {"clang++", number("__clang_major__"), number("__clang_minor__"), number("__clang_patchlevel__")};
  }
  if (number("__GNUC__") > 0)
    return {"g++", number("__GNUC__"), number("__GNUC_MINOR__"), number("__GNUC_PATCHLEVEL__")};
  return {};
}

// Asking takes longer than all the rest of a start.
Version version_of(const std::vector<std::string>& command, const std::string& fingerprint, const CompileCache& cache) {
  const std::string name = "compiler-" + fingerprint.substr(0, 32);
  Version version;
  if (const auto noted = cache.note(name)) {
    std::istringstream words(*noted);
    if (words >> version.family >> version.major >> version.minor >> version.patch) return version;
  }
  version = ask(command);
  if (!version.family.empty()) {
    std::ostringstream words;
    words << version.family << ' ' << version.major << ' ' << version.minor << ' ' << version.patch << '\n';
    cache.set_note(name, words.str());
  }
  return version;
}

// The compiler, or a sentence that says why it can't be used.
std::optional<Compiler> examine(const std::vector<std::string>& command, const CompileCache& cache,
                                std::string& problem) {
  const std::vector<fs::path> programs = programs_of(command);
  if (programs.empty()) return std::nullopt;
  Compiler compiler;
  compiler.command = command;
  compiler.fingerprint = fingerprint_of(command, programs);
  const Version version = version_of(command, compiler.fingerprint, cache);
  compiler.is_clang = version.family == "clang++";
  if (version.family.empty()) {
    problem = programs.back().string() + " is no C++ compiler that katydid knows";
    return std::nullopt;
  }
  if (version.major < (compiler.is_clang ? least_clang : least_gcc)) {
    problem = programs.back().string() + " is " + text_of(version) + ", which is too old";
    return std::nullopt;
  }
  compiler.description = text_of(version) + ", " + programs.back().string();
  return compiler;
}

}  // namespace

fs::path find_in_path(const std::string& program) {
  const auto runs = [](const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) return runs(program) ? fs::path(program) : fs::path();
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    fs::path file = fs::path(folder.empty() ? "." : folder) / program;
    if (runs(file)) return file;
  }
  return {};
}

Compiler find_compiler(const std::string& wanted, const CompileCache& cache) {
  std::string problem;
  if (!wanted.empty()) {
    std::vector<std::string> command;
    try {
      command = split_words(wanted);
    } catch (const BadValue& error) {
      throw LocustfileError("the compiler command '" + wanted + "' can't be read: " + error.what());
    }
    if (auto compiler = examine(command, cache, problem)) return *compiler;
    if (problem.empty()) problem = "there is no program '" + wanted + "'";
    throw LocustfileError(problem + "; " + needed() + " (--cxx, KATYDID_CXX and CXX name another one)");
  }
  std::string first_problem;
  std::vector<std::string> names{build_info::compiler};
  names.insert(names.end(), std::begin(candidates), std::end(candidates));
  for (const std::string& name : names) {
    if (auto compiler = examine({name}, cache, problem)) return *compiler;
    if (first_problem.empty()) first_problem = problem;
  }
  if (first_problem.empty()) first_problem = "there is no C++ compiler";
  throw LocustfileError(first_problem + "; " + needed() + ": " + how_to_install() +
                        ", or name one with --cxx. Without a compiler, you can run a shared object that was compiled "
                        "elsewhere: -f users.so");
}

}  // namespace katydid
