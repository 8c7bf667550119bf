#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

/// CsvFeeder and JsonLinesFeeder, as python/katydid/data/feeders.py builds on them.
void bind_feeders(nanobind::module_& m);

}  // namespace katydid::python
