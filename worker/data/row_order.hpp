#pragma once

#include "worker/data/order.hpp"
#include "worker/data/share.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace katydid {

/// The numbers of the rows that a worker's users are given. Thread-safe.
class RowOrder {
 public:
  /// `workers`: those that rows are divided among; 0: as many as the master expects.
  RowOrder(std::string name, std::uint64_t rows, Order order, AtEnd at_end, int workers);

  const std::string& name() const { return name_; }
  Order order() const { return order_; }
  AtEnd at_end() const { return at_end_; }
  /// Of Order::random. `draw` is from 0 to 1.
  std::uint64_t any(double draw) const;
  /// Of the others: nothing when all were given.
  std::optional<std::uint64_t> next();

 private:
  void begin(const DataShare& share);

  std::string name_;
  std::uint64_t rows_;
  Order order_;
  AtEnd at_end_;
  int workers_;
  std::mutex mutex_;
  DataShare share_;
  bool begun_ = false, said_ = false;
  std::uint64_t first_ = 0, step_ = 1, next_ = 0;
};

}  // namespace katydid
