#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A header that is made of a .proto file.
struct StubHeader {
  std::string proto;  ///< "helloworld.proto"
  std::string text;   ///< of "helloworld.grpc.pb.h"
};

/// For each file of a set of descriptors (`protoc --include_imports --descriptor_set_out`) the stubs of its services,
/// named as those of gRPC's own plugin: `helloworld::Greeter::Stub`. Throws std::runtime_error for what is no such set.
std::vector<StubHeader> service_stubs(std::string_view descriptor_set);

}  // namespace katydid
