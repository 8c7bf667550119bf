#include "worker/data/feeder.hpp"

#include "worker/data/csv.hpp"
#include "worker/data/data_path.hpp"
#include "worker/data/json_lines.hpp"
#include "worker/data/row_file.hpp"
#include "worker/data/row_order.hpp"
#include "worker/user/user.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// CSV, all of whose rows have as many fields as the first one.
class CsvFormat {
 public:
  CsvFormat(char separator, std::size_t columns) : separator_(separator), columns_(columns) {}

  RowText operator()(std::string_view text, bool is_all) {
    parse_csv_row(text, is_all, separator_, row_);
    const auto kind = static_cast<RowText::Kind>(row_.kind);
    if (row_.kind == CsvRow::Kind::broken)
      return {.kind = kind, .problem = row_.problem, .problem_at = row_.problem_at};
    if (row_.kind == CsvRow::Kind::row) {
      if (columns_ == 0) columns_ = row_.fields.size();
      if (row_.fields.size() != columns_) {
        return {.kind = RowText::Kind::broken,
                .problem = "this row has " + count_of(row_.fields.size(), "field") + ", and there are " +
                           count_of(columns_, "column")};
      }
    }
    return {.kind = kind, .length = row_.length};
  }

 private:
  char separator_;
  std::size_t columns_;
  CsvRow row_;
};

std::vector<std::string> values_of(std::string_view text, char separator) {
  CsvRow row;
  parse_csv_row(text, true, separator, row);
  std::vector<std::string> values;
  values.reserve(row.fields.size());
  for (const CsvField& field : row.fields) values.push_back(field.value());
  return values;
}

AtEnd at_end_of(const FeederOptions& options) {
  return options.at_end.value_or(options.order == Order::once ? AtEnd::stop_user : AtEnd::wrap);
}

double draw(const RowOrder& order, User& user) {
  return order.order() == Order::random ? user.random_source().fraction() : 0;
}

std::optional<std::uint64_t> next_of(RowOrder& order, double draw) {
  return order.order() == Order::random ? order.any(draw) : order.next();
}

/// All were given.
[[noreturn]] void end(const RowOrder& order) {
  if (order.at_end() == AtEnd::stop_test) throw StopTest(order.name() + ": all rows of this worker have been given");
  throw StopUser();
}

char checked_separator(const FeederOptions& options) {
  if (options.separator == '"' || options.separator == '\n' || options.separator == '\r') {
    throw std::invalid_argument("a CSV file's separator can't be a quote or the end of a line");
  }
  return options.separator;
}

}  // namespace

struct Row::Table {
  std::string name;
  std::vector<std::string> columns;

  void check(const std::string& place) const {
    for (auto column = columns.begin(); column != columns.end(); ++column) {
      if (column->empty()) {
        throw std::runtime_error(place +
                                 ": a column has no name; if the file has no line of names, give the feeder "
                                 "its columns");
      }
      if (std::find(columns.begin(), column, *column) != column) {
        throw std::runtime_error(place + ": there are two columns '" + *column + "'");
      }
    }
  }
};

Row::Row(std::shared_ptr<const Table> table, std::vector<std::string> values)
    : table_(std::move(table)), values_(std::move(values)) {}

std::size_t Row::position_of(std::string_view column) const {
  const auto found = std::ranges::find(table_->columns, column);
  if (found != table_->columns.end()) return static_cast<std::size_t>(found - table_->columns.begin());
  std::string known;
  for (const auto& each : table_->columns) known += (known.empty() ? "'" : ", '") + each + "'";
  throw std::out_of_range(table_->name + " has no column '" + std::string(column) + "'; it has " + known);
}

const std::string& Row::operator[](std::string_view column) const& { return values_[position_of(column)]; }
std::string Row::operator[](std::string_view column) && { return std::move(values_[position_of(column)]); }
const std::vector<std::string>& Row::columns() const { return table_->columns; }

struct CsvFeeder::Parts {
  Parts(const std::filesystem::path& path, FeederOptions options)
      : separator(checked_separator(options)),
        first(options.columns.empty() ? 1 : 0),
        file(path, CsvFormat(separator, options.columns.size())),
        table(table_of(path.filename().string(), std::move(options.columns))),
        order(table->name, file.rows() - std::min(first, file.rows()), options.order, at_end_of(options),
              options.workers) {}

  std::shared_ptr<const Row::Table> table_of(std::string name, std::vector<std::string> columns) {
    if (file.rows() == 0) throw std::runtime_error(name + " is empty");
    if (columns.empty()) columns = values_of(file.row(0), separator);
    const Row::Table made{std::move(name), std::move(columns)};
    made.check(file.place_of(0));
    return std::make_shared<const Row::Table>(made);
  }

  char separator;
  std::uint64_t first;  // row of data
  RowFile file;
  std::shared_ptr<const Row::Table> table;
  RowOrder order;
};

CsvFeeder::CsvFeeder(std::string_view file, FeederOptions options)
    : parts_(std::make_unique<Parts>(find_data_file(file), std::move(options))) {}
CsvFeeder::~CsvFeeder() = default;

std::optional<Row> CsvFeeder::take(double draw) {
  const auto number = next_of(parts_->order, draw);
  if (!number) return std::nullopt;
  return Row(parts_->table, values_of(parts_->file.row(*number + parts_->first), parts_->separator));
}

Row CsvFeeder::next(User& user) {
  if (auto row = take(draw(parts_->order, user))) return *std::move(row);
  end(parts_->order);
}

std::uint64_t CsvFeeder::size() const { return parts_->file.rows() - parts_->first; }
const RowOrder& CsvFeeder::order() const { return parts_->order; }

struct JsonLinesFeeder::Parts {
  Parts(const std::filesystem::path& path, const FeederOptions& options)
      : file(path, json_line),
        order(path.filename().string(), file.rows(), options.order, at_end_of(options), options.workers) {
    static_cast<void>(value(0));  // says at once that the file is something else
  }

  Value value(std::uint64_t number) {
    try {
      return Value::parse(file.row(number));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(file.place_of(number) + ": " + error.what());
    }
  }

  RowFile file;
  RowOrder order;
};

JsonLinesFeeder::JsonLinesFeeder(std::string_view file, const FeederOptions& options)
    : parts_(std::make_unique<Parts>(find_data_file(file), options)) {}
JsonLinesFeeder::~JsonLinesFeeder() = default;

std::optional<Value> JsonLinesFeeder::take(double draw) {
  const auto number = next_of(parts_->order, draw);
  if (!number) return std::nullopt;
  return parts_->value(*number);
}

Value JsonLinesFeeder::next(User& user) {
  if (auto value = take(draw(parts_->order, user))) return *std::move(value);
  end(parts_->order);
}

std::uint64_t JsonLinesFeeder::size() const { return parts_->file.rows(); }
const RowOrder& JsonLinesFeeder::order() const { return parts_->order; }

}  // namespace katydid
