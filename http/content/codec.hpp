#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace katydid {

/// A compression that an answer's body is taken out of, piece by piece.
class Codec {
 public:
  virtual ~Codec() = default;

  enum class Step { more, end, failed };

  /// Takes from the front of `in`, writes to `out` and counts in `written`. As long as it fills `out`, or leaves some
  /// of `in`, there is more to come.
  virtual Step step(std::string_view& in, std::span<char> out, std::size_t& written) = 0;
  /// All is there: nothing, or a whole stream.
  virtual bool may_end_here() const = 0;
  /// Why a step failed.
  virtual std::string error() const = 0;
  virtual const char* name() const = 0;
};

}  // namespace katydid
