#pragma once

#include "tests/support/target/input.hpp"
#include "tests/support/target/request.hpp"

#include <string_view>

namespace katydid::target {

/// Reads the body of one request, piece by piece.
class BodyReader {
 public:
  BodyReader(Input& input, const Request& request);

  /// The next piece, good until the next call; empty at the end, or when the body is broken() .
  Task<std::string_view> next();

  /// Everything was read.
  bool finished() const { return state_ == State::finished; }
  /// The client went away in the middle, or its chunks are no chunks: there is no next request to find.
  bool broken() const { return state_ == State::broken; }

 private:
  enum class State { size_line, data, data_end, trailers, finished, broken };
  /// A line without its CR LF; nothing when the client is gone or the line is bad.
  Task<bool> read_line(std::string_view& line);
  Task<> read_size_line();
  Task<> skip_trailers();

  Input& input_;
  bool chunked_;
  State state_;
  std::uint64_t left_;  // of the body, or of the chunk
};

}  // namespace katydid::target
