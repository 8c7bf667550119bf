#include <stdexcept>

#include "worker/shard.hpp"
#include "worker/user.hpp"

namespace katydid {

HttpUser::HttpUser() : client(shard().curl(), {.base_url = host(), .tracer = shard().tracer()}) {}

}  // namespace katydid
