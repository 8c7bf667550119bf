#include "base/digest.hpp"
#include "base/version.hpp"
#include "worker/locustfile/build_info.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/compiler.hpp"
#include "worker/locustfile/header_hash.hpp"
#include "worker/locustfile/includes.hpp"
#include "worker/locustfile/installation.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/protobuf.hpp"
#include "worker/log/log.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/subprocess.hpp"
#include "worker/process/words.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>

namespace katydid {
namespace {

namespace fs = std::filesystem;
constexpr log::Logger logger{"katydid.locustfile"};

// The files that a rule `target: file file…` lists, as GCC and clang write it for make.
std::vector<fs::path> parse_dependencies(std::string_view rule) {
  std::vector<fs::path> files;
  std::string name;
  const auto flush = [&] {
    if (!name.empty()) files.push_back(fs::absolute(name).lexically_normal());
    name.clear();
  };
  rule.remove_prefix(std::min(rule.find(": ") + 1, rule.size()));
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const char next = i + 1 < rule.size() ? rule[i + 1] : '\0';
    const bool escaped = rule[i] == '\\' && (next == ' ' || next == '#' || next == '\\');
    if (escaped || (rule[i] == '$' && next == '$')) {
      name += rule[++i];
    } else if (rule[i] == '\\' && next == '\n') {
      flush();
      ++i;
    } else if (rule[i] == ' ' || rule[i] == '\n') {
      flush();
    } else {
      name += rule[i];
    }
  }
  flush();
  return files;
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) && !(no_colour && *no_colour);
}

/// The folders that -I names.
std::vector<fs::path> include_roots(const std::vector<std::string>& flags) {
  std::vector<fs::path> roots;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (!flags[i].starts_with("-I")) continue;
    const std::string folder = flags[i] == "-I" && i + 1 < flags.size() ? flags[++i] : flags[i].substr(2);
    roots.push_back(fs::absolute(folder).lexically_normal());
  }
  return roots;
}

struct Job {
  fs::path source;
  std::optional<fs::path> result{};  ///< nothing: the compiler had errors
  bool compiled = false;             ///< not out of the cache
  std::string said{};                ///< what the compiler printed
  std::exception_ptr failure{};
};

/// What the files of one start have in common.
class Compilation {
 public:
  explicit Compilation(const CompileOptions& options)
      : options_(options), cache_(options.cache_dir), compiler_(find_compiler(options.compiler, cache_)) {
    if (options_.include_dirs.empty()) options_.include_dirs = find_header_dirs();
    Digest digest;
    digest.add(version).add(build_info::header_hash).add(compiler_.fingerprint);
    if (!options_.flags.empty()) digest.add(fs::current_path().native());  // -I of a relative path
    for (const std::string& word : command("", "", "")) digest.add(word);
    for (const char* name : {"CPATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH"}) {
      const char* value = std::getenv(name);
      digest.add(value ? value : "");
    }
    common_ = digest.hex();
  }

  void compile(Job& job) const {
    const fs::path file = fs::canonical(job.source);
    std::string key = key_of(file);
    job.result = cache_.find(key);
    if (job.result) return;
    const CompileCache::Lock lock = cache_.lock(key, file.filename().string());
    job.result = cache_.find(key);  // another process may have compiled it meanwhile
    if (job.result) return;
    check_headers(options_.include_dirs);
    job.compiled = true;
    for (;;) {
      job.result = run(file, key, job.said);
      const std::string key_after = key_of(file);
      if (key_after == key) return;
      key = key_after;  // it was saved meanwhile
    }
  }

  const Compiler& compiler() const { return compiler_; }
  const CompileCache& cache() const { return cache_; }

 private:
  std::string key_of(const fs::path& file) const {
    const auto text = read_file(file);
    if (!text) throw LocustfileError("'" + file.string() + "' can't be read");
    return Digest().add(common_).add(file.native()).add(*text).hex().substr(0, 32);
  }

  /// Of whatever is compiled.
  std::vector<std::string> basic_flags() const {
    std::vector<std::string> words{"-std=c++20", "-fPIC", options_.debug ? "-O0" : "-O2"};
    words.emplace_back(options_.debug ? "-g" : "-g1");  // lines for the traces of exceptions
    // GNU_UNIQUE would merge the inline variables of locustfiles that are loaded apart from each other.
    if (!compiler_.is_clang) words.emplace_back("-fno-gnu-unique");
    for (std::string& flag : split_words(build_info::flags)) words.push_back(std::move(flag));
    return words;
  }

  std::vector<std::string> command(const std::string& source, const std::string& output,
                                   const std::string& dependencies, const CompiledProtos& protos = {}) const {
    std::vector<std::string> words = compiler_.command;
    const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
    const auto add_all = [&words](const std::vector<std::string>& more) {
      words.insert(words.end(), more.begin(), more.end());
    };
    add_all(basic_flags());
    add({"-shared", "-Werror=unused-result"});  // of a co_await that is missing
#ifdef __APPLE__
    add({"-undefined", "dynamic_lookup"});
#endif
    for (const fs::path& directory : options_.include_dirs) add({"-I" + directory.string()});
    add({"-DKATYDID_ABI=" + std::string(build_info::abi), "-include", "worker/locustfile/abi.hpp"});
    add({"-MD", "-MT", "locustfile", "-MF", dependencies, "-o", output, source});
    add_all(options_.flags);
    if (!protos.folder.empty()) add({"-isystem", protos.folder.string()});
    add_all(protos.compile_flags);
    for (const fs::path& object : protos.objects) add({object.string()});
    add_all(protos.link_flags);
    return words;
  }

  std::optional<fs::path> run(const fs::path& source, const std::string& key, std::string& said) const {
    const std::string name = source.filename().string();
    logger.info("Compiling {}", name);
    const auto start = std::chrono::steady_clock::now();
    const auto started = fs::file_time_type::clock::now();
    IncludedFiles included;
    follow_includes(source, include_roots(options_.flags), included);
    const CompiledProtos protos = compile_protos(included, compiler_, basic_flags(), common_, cache_);
    said = protos.errors;
    if (!said.empty()) return std::nullopt;
    const fs::path output = cache_.temporary(".so");
    const fs::path dependencies = cache_.temporary(".d");
    std::vector<std::string> words = command(source.string(), output.string(), dependencies.string(), protos);
    if (wants_colour())
      words.insert(words.begin() + static_cast<long>(compiler_.command.size()), "-fdiagnostics-color=always");
    const SubprocessResult result = run_subprocess(words);
    said = result.output;

    std::error_code ignored;
    const std::string rule = read_file(dependencies).value_or("");
    fs::remove(dependencies, ignored);
    if (result.exit_code != 0) {
      fs::remove(output, ignored);
      if (said.empty()) said = words.front() + " ended with exit code " + std::to_string(result.exit_code) + "\n";
      return std::nullopt;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    logger.info("Compiled {} in {:.1f} s ({})", name, took.count(), compiler_.description);
    std::vector<fs::path> includes = parse_dependencies(rule);
    std::erase_if(includes, [&](const fs::path& file) {
      return file == source || (!protos.folder.empty() && file.native().starts_with(protos.folder.native()));
    });
    for (const ProtoFile& proto : included.protos) includes.push_back(proto.path());
    return cache_.store(key, output, includes, started);
  }

  CompileOptions options_;
  CompileCache cache_;
  Compiler compiler_;
  std::string common_;
};

void run_jobs(const Compilation& compilation, std::vector<Job>& jobs) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      try {
        compilation.compile(jobs[i]);
      } catch (...) {
        jobs[i].failure = std::current_exception();
      }
    }
  };
  std::vector<std::thread> threads;
  const std::size_t count = std::min(jobs.size(), static_cast<std::size_t>(usable_cores()));
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

bool is_compiled(const fs::path& file) { return file.extension() == ".so" || file.extension() == ".dylib"; }

}  // namespace

std::vector<fs::path> compile_locustfiles(const std::vector<fs::path>& files, const CompileOptions& options) {
  std::vector<Job> jobs;
  for (const fs::path& file : files) {
    if (!is_compiled(file)) jobs.push_back({file});
  }
  if (jobs.empty()) return files;

  const Compilation compilation(options);
  run_jobs(compilation, jobs);
  std::string broken;
  for (const Job& job : jobs) {
    std::fputs(job.said.c_str(), stderr);
    if (job.failure) std::rethrow_exception(job.failure);
    if (!job.result) broken += (broken.empty() ? "" : ", ") + job.source.filename().string();
  }
  if (!broken.empty()) {
    const bool one = broken.find(", ") == std::string::npos;
    throw LocustfileError(broken + (one ? " does" : " do") + " not compile (" + compilation.compiler().description +
                          ")");
  }
  if (std::ranges::any_of(jobs, &Job::compiled)) compilation.cache().prune();

  std::vector<fs::path> results;
  results.reserve(files.size());
  auto job = jobs.begin();
  for (const fs::path& file : files) results.push_back(is_compiled(file) ? file : *(job++)->result);
  return results;
}

}  // namespace katydid
