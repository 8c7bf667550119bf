#include "tests/support/target/input.hpp"

#include <algorithm>

namespace katydid::target {

bool Input::make_room() {
  if (begin_ == end_) {
    // A read that filled everything was cut short by the buffer: a big body is on its way.
    if (end_ == bytes_.size()) bytes_.resize(std::clamp<std::size_t>(bytes_.size() * 2, 2048, limit / 2));
    begin_ = end_ = 0;
    return true;
  }
  if (end_ < bytes_.size()) return true;
  if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
    return true;
  }
  if (bytes_.size() >= limit) return false;
  bytes_.resize(bytes_.size() * 2);
  return true;
}

Task<bool> Input::fill() {
  if (!make_room()) co_return false;
  const auto got = co_await transport_.read(bytes_.data() + end_, bytes_.size() - end_);
  end_ += got;
  co_return got > 0;
}

Input::Absorbed Input::absorb() {
  if (!make_room()) return Absorbed::full;
  const auto [bytes, gone] = transport_.read_now(bytes_.data() + end_, bytes_.size() - end_);
  end_ += bytes;
  return gone ? Absorbed::gone : bytes ? Absorbed::some : Absorbed::nothing;
}

}  // namespace katydid::target
