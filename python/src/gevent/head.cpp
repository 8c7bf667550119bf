#include "python/src/gevent/head.hpp"

#include "http/header_text.hpp"
#include "python/src/cpython/text.hpp"

#include <algorithm>

namespace katydid::python {
namespace {

bool is_sent_as_it_is(std::string_view value, HeaderValues values) {
  if (values == HeaderValues::of_requests && !value.empty() && value.front() == ' ') return false;
  return std::ranges::all_of(value, [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') return values == HeaderValues::of_geventhttpclient;
    return byte >= ' ' && byte != 0x7f && (values == HeaderValues::of_geventhttpclient || byte < 0x80 || byte > 0xa0);
  });
}

/// Head(pairs, tabs)
PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    PyObject* pairs = nullptr;
    int tabs = 0;
    if (!PyArg_ParseTuple(arguments, "O!|p:Head", &PyList_Type, &pairs, &tabs)) throw nb::python_error();
    HeadLines lines(tabs ? HeaderValues::of_geventhttpclient : HeaderValues::of_requests);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); ++i) {
      PyObject* const pair = PyList_GET_ITEM(pairs, i);
      if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) throw nb::type_error("Head() takes a list of pairs");
      if (!lines.put(nb::handle(PyTuple_GET_ITEM(pair, 0)), nb::handle(PyTuple_GET_ITEM(pair, 1))))
        throw nb::value_error("a header that is for Python to judge");
    }
    nb::object self = make_plain_as<Head>(type);
    value_of<Head>(self) = lines.to_head();
    return self;
  });
}

}  // namespace

/// In Latin-1, as http.client and geventhttpclient send it.
bool HeadLines::put(nb::handle name, nb::handle value) {
  const auto name_text = latin1_of(name);
  if (!name_text || !is_token(*name_text)) return false;
  if (value.is_none()) {
    fields_.remove(*name_text);
    return true;
  }
  const auto value_text = latin1_of(value);
  if (!value_text || !is_sent_as_it_is(*value_text, values_)) return false;
  put(*name_text, *value_text);
  return true;
}

void HeadLines::append_to(std::string& out) const {
  out.reserve(out.size() + 512);
  for (const auto& [name, value] : fields_.all()) out.append(name).append(": ").append(value).append("\r\n");
}

Head HeadLines::to_head() const {
  Head head;
  for (const auto& [name, value] : fields_.all()) {
    const std::string& own_name = head.texts.emplace_back(name);
    head.fields.push_back({own_name, head.texts.emplace_back(value)});
  }
  return head;
}

void bind_head(nb::module_& m) { add_type<Head>(m, "Head", 0, {slot(Py_tp_new, make)}); }

}  // namespace katydid::python
