#pragma once

#include <cstddef>
#include <string>

namespace katydid {

/// What fills memory: a call of recv(), for instance.
class Source {
 public:
  /// Puts up to `most` bytes there, and says how many.
  virtual std::size_t read(char* to, std::size_t most) = 0;

 protected:
  ~Source() = default;
};

/// Appends up to `most` bytes that the source has, straight into the string's memory, which nobody clears before where
/// the library has std::string::resize_and_overwrite.
std::size_t append_read(std::string& to, std::size_t most, Source& source);

}  // namespace katydid
