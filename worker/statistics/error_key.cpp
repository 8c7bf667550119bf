#include "worker/statistics/error_key.hpp"

#include "base/digest.hpp"
#include "base/python_repr.hpp"

namespace katydid {

std::string error_key(std::string_view method, std::string_view name, std::string_view error) {
  return Digest().add_bytes(method).add_bytes(".").add_bytes(name).add_bytes(".").add_bytes(python_repr(error)).hex();
}

}  // namespace katydid
