#include "worker/locustfile/locustfile.hpp"

#include "base/demangled.hpp"
#include "base/version.hpp"
#include "worker/data/data_path.hpp"
#include "worker/locustfile/header_hash.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>

// What a compiled locustfile refers to by worker/locustfile/abi.hpp.
extern "C" {
extern const char KATYDID_ABI;
const char KATYDID_ABI = 1;
}

namespace katydid {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> source_extensions = {".cpp", ".cc", ".cxx", ".c++", ".C"};
constexpr const char* advice =
    "Ensure your locustfile ends with '.cpp' or '.so', or is a directory with locustfiles. See --help for available "
    "options.";

bool is_shared_object(const fs::path& file) { return file.extension() == ".so" || file.extension() == ".dylib"; }

std::vector<fs::path> sources_below(const fs::path& directory, const std::string& name) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file(error) && is_cpp_source(entry->path())) found.push_back(entry->path());
  }
  if (found.empty()) throw LocustfileError("Could not find any C++ locustfiles in directory '" + name + "'");
  std::ranges::sort(found);
  return found;
}

[[noreturn]] void refuse_missing(const std::string& name) {
  std::string text = "Could not find '" + name + "'. " + advice;
  if (const fs::path python = fs::path(name).replace_extension(".py"); fs::exists(python)) {
    text += " ('" + python.string() + "' is there: -f runs it where the Python package katydid is installed.)";
  }
  throw LocustfileError(text);
}

std::vector<fs::path> find_locustfile(const std::string& name) {
  const fs::path file = fs::absolute(name).lexically_normal();
  if (file.extension() == ".py") {
    throw LocustfileError("'" + name + "' is a Python locustfile, and runs by itself: 'katydid -f " + name +
                          "', where the Python package katydid is installed");
  }
  std::error_code error;
  if (fs::is_directory(file, error)) return sources_below(file, name);
  if (!fs::exists(file, error)) refuse_missing(name);
  if (!is_cpp_source(file) && !is_shared_object(file)) {
    throw LocustfileError("'" + name + "' is neither C++ nor a shared object. " + advice);
  }
  if (fs::file_size(file, error) == 0) {
    throw LocustfileError("'" + name + "' is empty: define at least one user class in it, with KATYDID_USER");
  }
  return {file};
}

std::string explain(const std::string& error, const std::string& name) {
  constexpr std::string_view undefined = "undefined symbol: ";
  if (const std::size_t at = error.find(undefined); at != std::string::npos) {
    std::string symbol = error.substr(at + undefined.size());
    symbol = symbol.substr(0, symbol.find_first_of(" \t(,"));
    if (symbol.starts_with("katydid_abi_")) {
      return "'" + name + "' was compiled for another katydid than this " + std::string(version) +
             ": compile it again with this one (--compile-to)";
    }
    if (const std::string own = demangled(symbol.c_str()); own.starts_with("katydid::")) {
      return "'" + name + "' uses '" + own + "', which this katydid " + std::string(version) +
             " does not have: use the katydid that compiled it, or compile it again";
    }
    return "'" + name + "' uses '" + demangled(symbol.c_str()) +
           "', which is declared but nowhere defined. If it is in a library, add --cxxflags '-lNAME'. If it is in "
           "another locustfile, move it to a header: each locustfile is compiled by itself";
  }
  if (error.find("cannot open shared object file") != std::string::npos) {
    return "'" + name + "' needs a library that was not found: " + error +
           ". Set LD_LIBRARY_PATH to its directory, or add --cxxflags '-Wl,-rpath,DIRECTORY'";
  }
  return "'" + name + "' can't be loaded: " + error;
}

const char* loading = "";

// The dynamic loader lets no exception of an initializer through: it ends the program, so it had better say why.
[[noreturn]] void end_loading() {
  const char* what = "an initializer threw something that is not a std::exception";
  std::string text;
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    what = (text = error.what()).c_str();
  } catch (...) {
  }
  std::fprintf(stderr, "katydid: '%s': %s\n", loading, what);
  std::_Exit(1);
}

/// dlopen is declared as what never throws, and compilers rely on it; yet initializers run in it. Where their
/// exceptions come through, the loader is left in the middle of its work: then the program ends here, as it does
/// elsewhere.
void* open_shared_object(const fs::path& file) noexcept {
  void* (*volatile open)(const char*, int) = dlopen;
  return open(file.c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

bool is_cpp_source(const fs::path& file) {
  return std::ranges::find(source_extensions, file.extension().string()) != source_extensions.end();
}

std::vector<fs::path> find_locustfiles(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    for (const fs::path& file : find_locustfile(name)) {
      if (std::ranges::find(files, file) == files.end()) files.push_back(file);
    }
  }
  return files;
}

void load_locustfile(const fs::path& shared_object, const fs::path& source) {
  const std::string name = source.filename().string();
  loading = name.c_str();
  add_data_folder(source.parent_path());
  const std::terminate_handler before = std::set_terminate(end_loading);
  void* const handle = open_shared_object(fs::absolute(shared_object));
  std::set_terminate(before);
  if (handle == nullptr) {
    const char* error = dlerror();
    throw LocustfileError(explain(error ? error : "unknown error", name));
  }
}

void load_locustfiles(const std::vector<std::string>& names, const CompileOptions& options) {
  const std::vector<fs::path> files = find_locustfiles(names);
  const std::vector<fs::path> shared_objects = compile_locustfiles(files, options);
  for (std::size_t i = 0; i < files.size(); ++i) load_locustfile(shared_objects[i], files[i]);
}

void save_locustfile(const std::vector<std::string>& names, const CompileOptions& options, const fs::path& output) {
  const std::vector<fs::path> files = find_locustfiles(names);
  if (files.size() != 1) {
    throw LocustfileError("--compile-to takes one locustfile, not " + std::to_string(files.size()));
  }
  const fs::path result = compile_locustfiles(files, options).front();
  // By rename, because a running katydid may have the old one loaded.
  const fs::path temporary = output.string() + ".tmp";
  std::error_code error;
  fs::copy_file(result, temporary, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(temporary, output, error);
  if (error) throw LocustfileError("'" + output.string() + "' can't be written: " + error.message());
}

}  // namespace katydid
