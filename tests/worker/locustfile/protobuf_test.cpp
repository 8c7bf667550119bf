// Locustfiles that include what protoc makes, with the real protoc.
#include "worker/locustfile/protobuf.hpp"

#include "base/digest.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/service_stubs.hpp"
#include "worker/locustfile/shipped.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

using namespace katydid;
namespace fs = std::filesystem;

namespace {

constexpr char cat_proto[] =
    "syntax = \"proto3\";\npackage zoo;\nimport \"lib/food.proto\";\n"
    "message Cat { string name = 1; lib.Food food = 2; message Tail { int32 length = 1; } Tail tail = 3; }\n"
    "service House {\n  rpc Pet (Cat) returns (Cat.Tail);\n  rpc Feed (stream lib.Food) returns (Cat);\n"
    "  rpc Watch (Cat) returns (stream Cat);\n  rpc Play (stream Cat) returns (stream Cat);\n}\n";
constexpr char food_proto[] = "syntax = \"proto3\";\npackage lib;\nmessage Food { string name = 1; }\n";
constexpr char locustfile[] = "#include \"cat.pb.h\"\n[[maybe_unused]] static const zoo::Cat::Tail tail;\n";

/// A folder with .proto files, a cache, and a compiler that counts how often it is asked to compile.
struct Shop {
  Shop() {
    const CompileCache cache(folder.path / "cache");
    const std::string real = find_compiler("", cache).command.front();
    const fs::path counting =
        folder.write("counting-c++", "#!/bin/sh\ncase \" $* \" in *' -o '*) echo x >> '" +
                                         (folder.path / "count").string() + "';; esac\nexec '" + real + "' \"$@\"\n");
    fs::permissions(counting, fs::perms::owner_all);
    options = {.compiler = counting.string(), .cache_dir = folder.path / "cache"};
    folder.write("cat.proto", cat_proto);
    fs::create_directories(folder.path / "lib");
    folder.write("lib/food.proto", food_proto);
    file = folder.write("users.cpp", locustfile);
  }
  fs::path compile() { return compile_locustfiles({file}, options).front(); }
  long compilations() const {
    const auto text = read_file(folder.path / "count").value_or("");
    return std::count(text.begin(), text.end(), '\n');
  }

  TemporaryDirectory folder;
  fs::path file;
  CompileOptions options;
};

bool has_protoc() { return !find_in_path("protoc").empty(); }

}  // namespace

TEST_CASE("what protoc makes is compiled once, and again when a .proto file changes" * doctest::skip(!has_protoc())) {
  Shop shop;
  const fs::path first = shop.compile();
  CHECK(shop.compilations() == 3);
  CHECK(shop.compile() == first);
  CHECK(shop.compilations() == 3);
  shop.folder.write("users.cpp", std::string(locustfile) + "int more;\n");
  shop.compile();
  CHECK(shop.compilations() == 4);  // of .proto files nothing
  shop.folder.write("lib/food.proto", std::string(food_proto) + "message Water {}\n");
  shop.compile();
  CHECK(shop.compilations() == 7);
}

TEST_CASE("a .proto file may be in a folder that -I names" * doctest::skip(!has_protoc())) {
  Shop shop;
  shop.options.flags = {"-I", shop.folder.path.string()};
  fs::create_directories(shop.folder.path / "users");
  shop.file = shop.folder.write("users/users.cpp", locustfile);
  shop.compile();
  shop.options.flags.clear();
  shop.folder.write("users/users.cpp", "#include \"../cat.pb.h\"\n");
  CHECK(katydid::test::error_of([&] { shop.compile(); }).find("a .proto file is named from its root. Write cat.pb.h") !=
        std::string::npos);
}

TEST_CASE("what is wrong in a .proto file is said by protoc, with its line" * doctest::skip(!has_protoc())) {
  Shop shop;
  shop.folder.write("cat.proto", "syntax = \"proto3\";\nmessage Cat {\n  strin name = 1;\n}\n");
  std::string error;
  CapturedStderr captured;
  error = katydid::test::error_of([&] { shop.compile(); });
  const auto said = captured.text();
  CHECK(said.find("cat.proto:3:3: \"strin\" is not defined.") != std::string::npos);
  CHECK(error.starts_with("users.cpp does not compile ("));
  CHECK(shop.compilations() == 0);
}

TEST_CASE("without protoc the error says which package has it") {
  Shop shop;
  const ScopedVariable path("PATH", shop.folder.path.string());
  const auto error = katydid::test::error_of([&] { shop.compile(); });
  CHECK(
      error.starts_with("the locustfile includes cat.pb.h, which is made by protoc, and there is no program protoc: "
                        "apt-get install protobuf-compiler libprotobuf-dev"));
}

TEST_CASE("stubs have the names of C++ for what protobuf names" * doctest::skip(!has_protoc())) {
  Shop shop;
  shop.compile();
  std::string stubs;
  for (const auto& entry : fs::recursive_directory_iterator(shop.folder.path / "cache")) {
    if (entry.path().filename() == "cat.grpc.pb.h") stubs = read_file(entry.path()).value_or("");
  }
  CHECK(stubs.find("namespace zoo {\n\nstruct House {\n  class Stub {") != std::string::npos);
  CHECK(stubs.find("auto Pet(const ::zoo::Cat& request, const katydid::GrpcOptions& options = {}) {\n"
                   "      return client_.unary<::zoo::Cat_Tail>(\"/zoo.House/Pet\", request, options);") !=
        std::string::npos);
  CHECK(stubs.find("client_.client_stream<::lib::Food, ::zoo::Cat>(\"/zoo.House/Feed\", options);") !=
        std::string::npos);
  CHECK(stubs.find("client_.server_stream<::zoo::Cat>(\"/zoo.House/Watch\", request, options);") != std::string::npos);
  CHECK(stubs.find("client_.bidi_stream<::zoo::Cat, ::zoo::Cat>(\"/zoo.House/Play\", options);") != std::string::npos);
}

TEST_CASE("descriptors that are none are refused") {
  CHECK(service_stubs("").empty());
  for (const std::string_view broken : {"\x0a", "\x0a\x05x", "\x0a\x02\x32\x7f", "\x0f", "\xff\xff\xff"}) {
    CHECK_THROWS_AS(service_stubs(broken), std::runtime_error);
  }
  // A method whose message nobody has.
  CHECK_THROWS_AS(service_stubs("\x0a\x0d\x32\x0b\x0a\x01S\x12\x06\x0a\x01M\x12\x01X"), std::runtime_error);
}

TEST_CASE("a locustfile is shipped with its .proto files") {
  Shop shop;
  const auto files = files_to_ship({shop.file});
  REQUIRE(files.size() == 3);
  CHECK(files[0].name == "cat.proto");
  CHECK(files[1].name == "lib/food.proto");
  CHECK(files[2].name == "users.cpp");
}
