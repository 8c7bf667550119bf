#include "worker/data/row_order.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>
#include <vector>

using namespace katydid;

namespace {

std::vector<std::uint64_t> all_of(RowOrder& order, std::size_t most = 20) {
  std::vector<std::uint64_t> rows;
  while (rows.size() < most) {
    const auto row = order.next();
    if (!row) break;
    rows.push_back(*row);
  }
  return rows;
}

using Rows = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("rows come one after another, and again or not") {
  begin_data(-1, 1);
  RowOrder wrap("a", 3, Order::sequential, AtEnd::wrap, 0);
  CHECK(all_of(wrap, 7) == Rows{0, 1, 2, 0, 1, 2, 0});
  RowOrder stop("a", 3, Order::sequential, AtEnd::stop_user, 0);
  CHECK(all_of(stop) == Rows{0, 1, 2});
  CHECK(all_of(stop).empty());
}

TEST_CASE("rows are divided among workers") {
  RowOrder once("a", 7, Order::once, AtEnd::stop_user, 0);
  RowOrder again("a", 7, Order::once, AtEnd::wrap, 3);
  begin_data(0, 3);
  CHECK(all_of(once) == Rows{0, 3, 6});
  CHECK(all_of(again, 5) == Rows{0, 3, 6, 0, 3});
  begin_data(1, 3);
  CHECK(all_of(once) == Rows{1, 4});
  begin_data(2, 2);
  CHECK(all_of(again, 3) == Rows{2, 5, 2});
  CHECK(all_of(once).empty());
  begin_data(3, 2);
  CHECK(all_of(again).empty());
  begin_data(-1, 1);
  CHECK(all_of(again, 3) == Rows{0, 1, 2});
}

TEST_CASE("a worker beyond the last row has none") {
  begin_data(5, 8);
  RowOrder wrap("a", 3, Order::once, AtEnd::wrap, 0);
  CHECK(all_of(wrap).empty());
}

TEST_CASE("each test begins anew") {
  begin_data(-1, 1);
  RowOrder order("a", 3, Order::once, AtEnd::stop_user, 0);
  CHECK(all_of(order).size() == 3);
  CHECK(all_of(order).empty());
  begin_data(-1, 1);
  CHECK(all_of(order).size() == 3);
}

TEST_CASE("any row is one of them") {
  const RowOrder order("a", 3, Order::random, AtEnd::wrap, 0);
  CHECK(order.any(0) == 0);
  CHECK(order.any(0.5) == 1);
  CHECK(order.any(1) == 2);
}

TEST_CASE("threads share the rows without giving one twice") {
  begin_data(-1, 1);
  RowOrder order("a", 20'000, Order::once, AtEnd::stop_user, 0);
  std::vector<Rows> taken(4);
  std::vector<std::thread> threads;
  for (Rows& mine : taken) threads.emplace_back([&] { mine = all_of(order, 100'000); });
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const Rows& mine : taken) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 20'000);
  CHECK(taken[0].size() + taken[1].size() + taken[2].size() + taken[3].size() == 20'000);
}

TEST_CASE("the master's command line says how many workers there are") {
  CHECK(expected_workers(Value::object()) == 1);
  CHECK(expected_workers(Value{{"expect_workers", 4}}) == 4);
  CHECK(expected_workers(Value{{"expect_workers", -4}}) == 1);
  CHECK(expected_workers(Value{{"expect_workers", "4"}}) == 1);
}
