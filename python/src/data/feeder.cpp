#include "python/src/data/feeder.hpp"

#include "python/src/cpython/text.hpp"
#include "python/src/cpython/value.hpp"
#include "worker/data/feeder.hpp"
#include "worker/data/row_order.hpp"
#include "worker/data/share.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

namespace nb = nanobind;

/// The value of that name; ValueError with all names for another.
template <class T, std::size_t Count>
T named(const std::array<std::pair<std::string_view, T>, Count>& choices, std::string_view what,
        std::string_view name) {
  std::string known;
  for (const auto& [each, value] : choices) {
    if (each == name) return value;
    known += (known.empty() ? "'" : ", '") + std::string(each) + "'";
  }
  throw std::invalid_argument(std::string(what) + " must be one of " + known + ", not '" + std::string(name) + "'");
}

Order order_named(std::string_view name) {
  return named<Order, 3>({{{"sequential", Order::sequential}, {"random", Order::random}, {"once", Order::once}}},
                         "order", name);
}

AtEnd at_end_named(std::string_view name) {
  return named<AtEnd, 3>({{{"wrap", AtEnd::wrap}, {"stop_user", AtEnd::stop_user}, {"stop_test", AtEnd::stop_test}}},
                         "at_end", name);
}

FeederOptions options_of(std::string_view order, std::optional<std::string_view> at_end, int workers) {
  FeederOptions options{.order = order_named(order), .workers = workers};
  if (at_end) options.at_end = at_end_named(*at_end);
  return options;
}

char separator_of(std::string_view text) {
  if (text.size() != 1) throw std::invalid_argument("separator must be one character of ASCII");
  return text.front();
}

nb::object dict_of(const Row& row) {
  nb::dict dict;
  for (std::size_t i = 0; i < row.values().size(); ++i) dict[utf8_text(row.columns()[i])] = utf8_text(row.values()[i]);
  return dict;
}

/// None when all rows were given.
nb::object take_row(CsvFeeder& feeder, double draw) {
  const auto row = feeder.take(draw);
  return row ? dict_of(*row) : nb::none();
}

/// In a tuple, for a row may be null itself.
nb::object take_value(JsonLinesFeeder& feeder, double draw) {
  const auto value = feeder.take(draw);
  return value ? nb::object(nb::make_tuple(to_python(*value))) : nb::none();
}

template <class Feeder>
bool stops_test(const Feeder& feeder) {
  return feeder.order().at_end() == AtEnd::stop_test;
}

}  // namespace

void bind_feeders(nb::module_& m) {
  nb::class_<CsvFeeder>(m, "CsvFeeder")
      .def(
          "__init__",
          [](CsvFeeder* self, std::string_view file, std::string_view order, std::optional<std::string_view> at_end,
             int workers, std::string_view separator, std::vector<std::string> columns) {
            FeederOptions options = options_of(order, at_end, workers);
            options.separator = separator_of(separator);
            options.columns = std::move(columns);
            const nb::gil_scoped_release released;
            new (self) CsvFeeder(file, std::move(options));
          },
          nb::arg("file"), nb::arg("order"), nb::arg("at_end").none(), nb::arg("workers"), nb::arg("separator"),
          nb::arg("columns"))
      .def("take", &take_row, nb::arg("draw"))
      .def_prop_ro("stops_test", &stops_test<CsvFeeder>)
      .def("__len__", &CsvFeeder::size);
  nb::class_<JsonLinesFeeder>(m, "JsonLinesFeeder")
      .def(
          "__init__",
          [](JsonLinesFeeder* self, std::string_view file, std::string_view order,
             std::optional<std::string_view> at_end, int workers) {
            FeederOptions options = options_of(order, at_end, workers);
            const nb::gil_scoped_release released;
            new (self) JsonLinesFeeder(file, std::move(options));
          },
          nb::arg("file"), nb::arg("order"), nb::arg("at_end").none(), nb::arg("workers"))
      .def("take", &take_value, nb::arg("draw"))
      .def_prop_ro("stops_test", &stops_test<JsonLinesFeeder>)
      .def("__len__", &JsonLinesFeeder::size);
  m.def("begin_data", &begin_data, nb::arg("worker_index"), nb::arg("expected_workers"));
}

}  // namespace katydid::python
