#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace katydid {

/// Where the rows of a file begin, in bounded memory: of a file with very many, only each second, fourth, … is known.
class RowIndex {
 public:
  explicit RowIndex(std::size_t most = std::size_t{1} << 20) : most_(most) {}

  /// The next row begins there.
  void add(std::uint64_t offset);
  std::uint64_t rows() const { return rows_; }

  struct Place {
    std::uint64_t row = 0, offset = 0;
  };
  /// The last one that is known up to this row, which must exist.
  Place before(std::uint64_t row) const;

 private:
  std::size_t most_;
  std::uint64_t rows_ = 0, distance_ = 1;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace katydid
