#include "worker/locustfile/service_stubs.hpp"

#include <cstdint>
#include <map>

namespace katydid {
namespace {

/// What google/protobuf/descriptor.proto numbers, of which this needs little.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;   // of a varint
  std::string_view bytes{};  // of what has a length
};

/// Reads the fields of a message of protobuf, one after another.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  bool next(Field& field) {
    if (rest_.empty()) return false;
    const auto tag = varint();
    field = {.number = static_cast<std::uint32_t>(tag >> 3U)};
    switch (tag & 7U) {
      case 0:
        field.value = varint();
        break;
      case 1:
        take(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        take(4);
        break;
      default:
        fail();
    }
    return true;
  }

 private:
  [[noreturn]] static void fail() { throw std::runtime_error("protoc's descriptors can't be read"); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    fail();
  }

  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) fail();
    const auto taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

struct Method {
  std::string name, request, reply;  // the types as ".helloworld.HelloRequest"
  bool streams_requests = false, streams_replies = false;
};
struct Service {
  std::string name;
  std::vector<Method> methods{};
};
struct File {
  std::string name{}, package{};
  std::vector<Service> services{};
  std::vector<std::string_view> messages{};  // their descriptors
};

Method read_method(std::string_view bytes) {
  Method method;
  Field field;
  for (Fields fields(bytes); fields.next(field);) {
    if (field.number == 1) method.name = field.bytes;
    if (field.number == 2) method.request = field.bytes;
    if (field.number == 3) method.reply = field.bytes;
    if (field.number == 5) method.streams_requests = field.value != 0;
    if (field.number == 6) method.streams_replies = field.value != 0;
  }
  return method;
}

Service read_service(std::string_view bytes) {
  Service service;
  Field field;
  for (Fields fields(bytes); fields.next(field);) {
    if (field.number == 1) service.name = field.bytes;
    if (field.number == 2) service.methods.push_back(read_method(field.bytes));
  }
  return service;
}

File read_descriptor(std::string_view bytes) {
  File file;
  Field field;
  for (Fields fields(bytes); fields.next(field);) {
    if (field.number == 1) file.name = field.bytes;
    if (field.number == 2) file.package = field.bytes;
    if (field.number == 4) file.messages.push_back(field.bytes);
    if (field.number == 6) file.services.push_back(read_service(field.bytes));
  }
  return file;
}

/// "a::b" of "a.b".
std::string as_namespace(std::string_view package) {
  std::string name;
  for (const char c : package) c == '.' ? name.append("::") : name.append(1, c);
  return name;
}

/// The classes of C++ by the names of protobuf: ".a.Outer.Inner" is ::a::Outer_Inner.
using Classes = std::map<std::string, std::string>;

void add_classes(Classes& classes, std::string_view message, const std::string& proto_scope,
                 const std::string& prefix) {
  constexpr int deepest = 64;
  if (prefix.size() > 1000 || proto_scope.size() > 100 * deepest) return;
  std::string name;
  std::vector<std::string_view> nested;
  Field field;
  for (Fields fields(message); fields.next(field);) {
    if (field.number == 1) name = field.bytes;
    if (field.number == 3) nested.push_back(field.bytes);
  }
  classes[proto_scope + "." + name] = prefix + name;
  for (const auto& each : nested) add_classes(classes, each, proto_scope + "." + name, prefix + name + "_");
}

std::string method_text(const Method& method, const std::string& path, const Classes& classes) {
  const auto class_of = [&](const std::string& type) {
    const auto found = classes.find(type);
    if (found == classes.end()) throw std::runtime_error("protoc's descriptors do not have the message " + type);
    return found->second;
  };
  const std::string request = class_of(method.request), reply = class_of(method.reply);
  const std::string options = "const katydid::GrpcOptions& options = {}";
  std::string text = "    auto " + method.name + "(";
  if (method.streams_requests) {
    text += options + ") {\n      return client_.";
    text += method.streams_replies ? "bidi_stream<" : "client_stream<";
    return text + request + ", " + reply + ">(\"" + path + "\", options);\n    }\n";
  }
  text += "const " + request + "& request, " + options + ") {\n      return client_.";
  text += method.streams_replies ? "server_stream<" : "unary<";
  return text + reply + ">(\"" + path + "\", request, options);\n    }\n";
}

std::string header_text(const File& file, const Classes& classes) {
  std::string text = "// Made by katydid of " + file.name +
                     ".\n#pragma once\n\n#include <katydid/grpc.hpp>\n\n#include \"" +
                     file.name.substr(0, file.name.rfind(".proto")) + ".pb.h\"\n\n";
  const std::string scope = as_namespace(file.package);
  if (!scope.empty()) text += "namespace " + scope + " {\n\n";
  for (const Service& service : file.services) {
    const std::string path = "/" + (file.package.empty() ? "" : file.package + ".") + service.name + "/";
    text += "struct " + service.name + " {\n  class Stub {\n   public:\n";
    text += "    explicit Stub(katydid::GrpcClient& client) : client_(client) {}\n\n";
    for (const Method& method : service.methods) text += method_text(method, path + method.name, classes);
    text += "\n   private:\n    katydid::GrpcClient& client_;\n  };\n};\n\n";
  }
  if (!scope.empty()) text += "}  // namespace " + scope + "\n";
  return text;
}

}  // namespace

std::vector<StubHeader> service_stubs(std::string_view descriptor_set) {
  std::vector<File> files;
  Field field;
  for (Fields fields(descriptor_set); fields.next(field);) {
    if (field.number == 1) files.push_back(read_descriptor(field.bytes));
  }
  Classes classes;
  for (const File& file : files) {
    const std::string scope = file.package.empty() ? "" : "." + file.package;
    const std::string prefix = "::" + (file.package.empty() ? "" : as_namespace(file.package) + "::");
    for (const auto& message : file.messages) add_classes(classes, message, scope, prefix);
  }
  std::vector<StubHeader> headers;
  headers.reserve(files.size());
  for (const File& file : files) headers.push_back({file.name, header_text(file, classes)});
  return headers;
}

}  // namespace katydid
