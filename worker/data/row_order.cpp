#include "worker/data/row_order.hpp"

#include "worker/log/log.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.data"};

}  // namespace

RowOrder::RowOrder(std::string name, std::uint64_t rows, Order order, AtEnd at_end, int workers)
    : name_(std::move(name)), rows_(rows), order_(order), at_end_(at_end), workers_(workers) {
  if (rows == 0) throw std::runtime_error(name_ + " has no rows");
  if (workers < 0) throw std::invalid_argument(name_ + ": the number of workers must not be negative");
}

std::uint64_t RowOrder::any(double draw) const {
  return std::min(static_cast<std::uint64_t>(draw * static_cast<double>(rows_)), rows_ - 1);
}

std::optional<std::uint64_t> RowOrder::next() {
  std::lock_guard lock(mutex_);
  if (const DataShare share = data_share(); !begun_ || share.test != share_.test) begin(share);
  if (next_ >= rows_ && at_end_ == AtEnd::wrap) next_ = first_;
  if (next_ < rows_) return std::exchange(next_, next_ + step_);
  if (!std::exchange(said_, true)) logger.info("{}: all rows of this worker have been given", name_);
  return std::nullopt;
}

/// Row by row the rows go to one worker after another. A worker that the count leaves out gets none: whichever rows it
/// took, another worker might have them.
void RowOrder::begin(const DataShare& share) {
  share_ = share;
  begun_ = true;
  said_ = false;
  first_ = 0;
  step_ = 1;
  if (order_ == Order::once && share.worker >= 0) {
    const int workers = workers_ > 0 ? workers_ : share.workers;
    step_ = static_cast<std::uint64_t>(workers);
    first_ = share.worker < workers ? static_cast<std::uint64_t>(share.worker) : rows_;
    if (share.worker >= workers) {
      said_ = true;
      logger.error(
          "{}: this worker gets no rows. They are divided among {} (the master's --expect-workers, or the feeder's "
          "`workers`), and its worker_index is {}, where the first one is 0",
          name_, workers == 1 ? "1 worker" : std::to_string(workers) + " workers", share.worker);
    }
  }
  next_ = first_;
}

}  // namespace katydid
