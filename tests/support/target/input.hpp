#pragma once

#include "tests/support/target/transport.hpp"

#include <string_view>
#include <vector>

namespace katydid::target {

/// What a connection has received and nobody has used yet. A view is good until the next fill() or absorb().
class Input {
 public:
  explicit Input(Transport& transport) : transport_(transport) {}

  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t bytes) { begin_ += bytes; }

  /// Waits for more; false when the peer is gone or `limit` unused bytes are here already.
  Task<bool> fill();

  enum class Absorbed { some, nothing, full, gone };
  /// Takes what is there without waiting.
  Absorbed absorb();

  static constexpr std::size_t limit = 128 * 1024;

 private:
  /// Space behind the unused bytes; small at first, as most of 20,000 connections are idle.
  bool make_room();

  Transport& transport_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace katydid::target
