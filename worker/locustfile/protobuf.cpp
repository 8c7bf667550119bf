#include "worker/locustfile/protobuf.hpp"

#include "base/digest.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/service_stubs.hpp"
#include "worker/locustfile/time_written.hpp"
#include "worker/process/subprocess.hpp"
#include "worker/process/words.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace katydid {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const IncludedFiles& included, const std::string& missing) {
  throw LocustfileError("the locustfile includes " + included.wants_protos + ", which is made by protoc, and " +
                        missing +
                        ": apt-get install protobuf-compiler libprotobuf-dev (elsewhere the packages protobuf and "
                        "protobuf-devel)");
}

std::string base_of(const std::string& proto) { return proto.substr(0, proto.rfind(".proto")); }

fs::path find_protoc(const IncludedFiles& included) {
  fs::path protoc = find_in_path("protoc");
  if (protoc.empty()) refuse(included, "there is no program protoc");
  return protoc;
}

/// The library's flags, by pkg-config where it is installed.
void find_library(const IncludedFiles& included, CompiledProtos& compiled) {
  const auto flags_of = [](const char* which) {
    const auto result = run_subprocess({"pkg-config", which, "protobuf"});
    return result.exit_code == 0 ? split_words(result.output) : std::vector<std::string>();
  };
  if (!find_in_path("pkg-config").empty()) {
    compiled.compile_flags = flags_of("--cflags");
    compiled.link_flags = flags_of("--libs");
  }
  if (!compiled.link_flags.empty()) return;
  std::error_code error;
  const bool installed =
      std::ranges::any_of(std::vector<fs::path>{"/usr/include", "/usr/local/include"},
                          [&](auto& each) { return fs::exists(each / "google/protobuf/message_lite.h", error); });
  if (!installed) refuse(included, "there is no libprotobuf to compile with");
  compiled.link_flags = {"-lprotobuf", "-pthread"};
}

std::string digest_of(const IncludedFiles& included, const fs::path& protoc, const CompiledProtos& compiled,
                      const std::vector<std::string>& flags, const std::string& common) {
  Digest digest;
  std::error_code error;
  const fs::path program = fs::canonical(protoc, error);
  digest.add(common).add(program.native()).add(std::to_string(fs::file_size(program, error)));
  digest.add(time_written(program, error));
  for (const auto* list : {&flags, &compiled.compile_flags, &compiled.link_flags}) {
    for (const std::string& flag : *list) digest.add(flag);
  }
  for (const ProtoFile& proto : included.protos)
    digest.add(proto.root.native()).add(proto.name).add(read_file(proto.path()).value_or(""));
  return digest.hex().substr(0, 32);
}

std::vector<std::string> protoc_command(const IncludedFiles& included, const fs::path& protoc, const fs::path& folder) {
  std::vector<std::string> words{protoc.string()};
  for (const ProtoFile& proto : included.protos) {
    std::string root = "--proto_path=" + proto.root.string();
    if (std::ranges::find(words, root) == words.end()) words.push_back(std::move(root));
  }
  words.push_back("--cpp_out=lite:" + folder.string());
  words.emplace_back("--include_imports");
  words.push_back("--descriptor_set_out=" + (folder / "descriptors").string());
  for (const ProtoFile& proto : included.protos) words.push_back(proto.name);
  return words;
}

/// What is said against it, or "".
std::string make(const IncludedFiles& included, const fs::path& protoc, const Compiler& compiler,
                 const std::vector<std::string>& flags, const CompiledProtos& compiled, const fs::path& folder) {
  const SubprocessResult made = run_subprocess(protoc_command(included, protoc, folder));
  if (made.exit_code != 0) return made.output.empty() ? "protoc has failed and says nothing\n" : made.output;
  for (const StubHeader& stub : service_stubs(read_file(folder / "descriptors").value_or(""))) {
    const bool ours = std::ranges::any_of(included.protos, [&](const auto& each) { return each.name == stub.proto; });
    if (ours) std::ofstream(folder / (base_of(stub.proto) + ".grpc.pb.h"), std::ios::binary) << stub.text;
  }
  for (const ProtoFile& proto : included.protos) {
    std::vector<std::string> words = compiler.command;
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), compiled.compile_flags.begin(), compiled.compile_flags.end());
    const std::string base = (folder / base_of(proto.name)).string();
    for (std::string word : {std::string("-w"), "-I" + folder.string(), std::string("-c"), base + ".pb.cc",
                             std::string("-o"), base + ".pb.o"})
      words.push_back(std::move(word));
    const SubprocessResult result = run_subprocess(words);
    if (result.exit_code != 0) return "what protoc has made of " + proto.name + " does not compile:\n" + result.output;
  }
  return {};
}

}  // namespace

CompiledProtos compile_protos(const IncludedFiles& included, const Compiler& compiler,
                              const std::vector<std::string>& flags, const std::string& common,
                              const CompileCache& cache) {
  CompiledProtos compiled;
  if (included.protos.empty()) return compiled;
  const fs::path protoc = find_protoc(included);
  find_library(included, compiled);
  compiled.folder = cache.protos_folder(digest_of(included, protoc, compiled, flags, common));
  std::error_code error;
  if (!fs::is_directory(compiled.folder, error)) {
    const fs::path temporary = cache.temporary("");
    fs::create_directory(temporary);
    compiled.errors = make(included, protoc, compiler, flags, compiled, temporary);
    if (compiled.errors.empty()) fs::rename(temporary, compiled.folder, error);  // another process may have been faster
    fs::remove_all(temporary, error);
  }
  fs::last_write_time(compiled.folder, fs::file_time_type::clock::now(), error);  // prune() goes by it
  for (const ProtoFile& proto : included.protos)
    compiled.objects.push_back(compiled.folder / (base_of(proto.name) + ".pb.o"));
  return compiled;
}

}  // namespace katydid
