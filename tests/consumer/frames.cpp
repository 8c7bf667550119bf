#include <katydid/protocol/codec.hpp>

#include <cstdio>

// Prints the size of a heartbeat on the wire.
int main() {
  using namespace katydid::protocol;
  std::printf("%zu bytes\n", encode(to_master::Heartbeat{}, "host_1").size());
}
