#include "python/src/gevent/head.hpp"

#include "http/header_text.hpp"

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

template <class Lines>
auto find_line(Lines& lines, std::string_view name) {
  return std::ranges::find_if(lines, [&](const Head::Line& line) { return same_name(line.name, name); });
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

bool Head::has(std::string_view name) const { return find_line(lines_, name) != lines_.end(); }

void HeadLines::put(std::string_view name, std::string_view value) {
  const auto line = find_line(lines_, name);
  if (line == lines_.end()) {
    lines_.push_back({name, value});
  } else {
    *line = {name, value};
  }
}

bool HeadLines::put(nb::handle name, nb::handle value) {
  std::string_view name_text, value_text;
  if (!PyUnicode_Check(name.ptr()) || !view(name, name_text) || !is_token(name_text)) return false;
  if (value.is_none()) {
    remove(name_text);
    return true;
  }
  if (!PyUnicode_Check(value.ptr()) || !view(value, value_text) || !is_sent_as_it_is(value_text, values_)) return false;
  put(name_text, value_text);
  return true;
}

void HeadLines::remove(std::string_view name) {
  if (const auto line = find_line(lines_, name); line != lines_.end()) lines_.erase(line);
}

bool HeadLines::has(std::string_view name) const { return find_line(lines_, name) != lines_.end(); }

void HeadLines::append_to(std::string& out) const {
  for (const auto& [name, value] : lines_) out.append(name).append(": ").append(value).append("\r\n");
}

Head HeadLines::to_head() const {
  Head head;
  for (const auto& [name, value] : lines_) {
    const std::string& own_name = head.texts_.emplace_back(name);
    head.lines_.push_back({own_name, head.texts_.emplace_back(value)});
  }
  return head;
}

/// The text in Latin-1, as http.client and geventhttpclient send it.
bool HeadLines::view(nb::handle text, std::string_view& out) {
  PyObject* const object = text.ptr();
  if (PyUnicode_KIND(object) != PyUnicode_1BYTE_KIND) return false;
  out = {static_cast<const char*>(PyUnicode_DATA(object)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(object))};
  return true;
}

void bind_head(nb::module_& m) { add_type<Head>(m, "Head", 0, {slot(Py_tp_new, make)}); }

}  // namespace katydid::python
