#pragma once

#include <stdexcept>

namespace katydid {

/// Text that is not what it has to be; what() goes on after "invalid value '…': ".
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace katydid
