#pragma once

#include "base/value.hpp"
#include "worker/data/order.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class RowOrder;
class User;

struct FeederOptions {
  Order order = Order::sequential;
  /// Nothing: AtEnd::wrap, and AtEnd::stop_user with Order::once.
  std::optional<AtEnd> at_end{};
  /// With Order::once, the workers that the rows are divided among: the one with worker_index 0 gets the first row of
  /// so many, and so on. 0: as many as the master's --expect-workers says. A worker beyond that number gets no rows.
  int workers = 0;
  char separator = ',';                ///< of CSV
  std::vector<std::string> columns{};  ///< of CSV without a line of names at its top
};

/// A row of a CSV file, all of it text.
class Row {
 public:
  struct Table;
  Row(std::shared_ptr<const Table> table, std::vector<std::string> values);

  /// Throws std::out_of_range, with the columns that there are, for one that is not there. @{
  const std::string& operator[](std::string_view column) const&;
  std::string operator[](std::string_view column) &&;
  /// @}
  const std::vector<std::string>& columns() const;
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::size_t position_of(std::string_view column) const;

  std::shared_ptr<const Table> table_;
  std::vector<std::string> values_;
};

/// Gives users the rows of a file, whatever its size: it is not loaded. All users and shards of a worker share it, and
/// each test begins anew.
///
///     CsvFeeder accounts("accounts.csv", {.order = Order::once});
///     …
///     const Row account = accounts.next(*this);
///     co_await client.post("/login", Form{{"user", account["name"]}});
///
/// The file is looked for in the working directory, then beside the locustfile. It is read through once, by the
/// constructor, which throws std::runtime_error with file and line for what is no CSV (RFC 4180, UTF-8) and for rows
/// with more or fewer fields than columns.
class CsvFeeder {
 public:
  explicit CsvFeeder(std::string_view file, FeederOptions options = {});
  ~CsvFeeder();

  /// For that user, who may be ended by it: see AtEnd.
  Row next(User& user);
  std::uint64_t size() const;

  /// For hosts of users that are not in C++: nothing at the end. `draw` is a number from 0 to 1, for Order::random.
  std::optional<Row> take(double draw);
  const RowOrder& order() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The same for a file with one JSON value on each line. What is no JSON throws std::runtime_error, with file and line,
/// when its turn comes.
class JsonLinesFeeder {
 public:
  explicit JsonLinesFeeder(std::string_view file, const FeederOptions& options = {});
  ~JsonLinesFeeder();

  Value next(User& user);
  std::uint64_t size() const;

  std::optional<Value> take(double draw);
  const RowOrder& order() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace katydid
