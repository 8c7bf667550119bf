#include "worker/data/row_index.hpp"

namespace katydid {

void RowIndex::add(std::uint64_t offset) {
  if (rows_++ % distance_ != 0) return;
  if (offsets_.size() < most_) {
    offsets_.push_back(offset);
    return;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < offsets_.size(); i += 2) offsets_[kept++] = offsets_[i];
  offsets_.resize(kept);
  distance_ *= 2;
  if ((rows_ - 1) % distance_ == 0) offsets_.push_back(offset);
}

RowIndex::Place RowIndex::before(std::uint64_t row) const {
  const std::uint64_t index = row / distance_;
  return {index * distance_, offsets_[index]};
}

}  // namespace katydid
