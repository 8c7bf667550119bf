#include "worker/shard.hpp"
#include "worker/user.hpp"

#include <stdexcept>

namespace katydid {

HttpUser::HttpUser() : client(shard().curl(), {.base_url = host(), .tracer = shard().tracer()}) {
  if (host().empty()) {
    throw std::runtime_error(
        "You must specify the base host: in the master's web UI, with --host, or by "
        "KATYDID_USER(…).host(\"https://…\")");
  }
}

}  // namespace katydid
