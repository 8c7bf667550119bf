#include "python/src/client/files.hpp"

#include "http/header_text.hpp"
#include "python/src/cpython/api.hpp"
#include "python/src/cpython/text.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid::python {
namespace {

using Pair = std::pair<nb::object, nb::object>;

bool is_list(nb::handle value) { return PyList_CheckExact(value.ptr()) || PyTuple_CheckExact(value.ptr()); }

/// Of a dict, or of a list or tuple of pairs.
std::optional<std::vector<Pair>> pairs_of(nb::handle given) {
  std::vector<Pair> pairs;
  if (!given.is_valid() || given.is_none()) return pairs;
  if (PyDict_CheckExact(given.ptr())) {
    Py_ssize_t position = 0;
    PyObject *name = nullptr, *value = nullptr;
    while (PyDict_Next(given.ptr(), &position, &name, &value)) pairs.emplace_back(nb::borrow(name), nb::borrow(value));
    return pairs;
  }
  if (!is_list(given)) return {};
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(given.ptr()); ++i) {
    PyObject* const pair = PySequence_Fast_GET_ITEM(given.ptr(), i);
    if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2) return {};
    pairs.emplace_back(nb::borrow(PyTuple_GET_ITEM(pair, 0)), nb::borrow(PyTuple_GET_ITEM(pair, 1)));
  }
  return pairs;
}

/// The bytes of bytes or text.
std::optional<std::string_view> bytes_of(nb::handle value) {
  if (PyBytes_CheckExact(value.ptr()))
    return std::string_view(PyBytes_AS_STRING(value.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(value.ptr())));
  return PyUnicode_CheckExact(value.ptr()) ? utf8_of(value) : std::nullopt;
}

/// A number as text; bytes and text as they are.
nb::object written(const nb::object& value) {
  const bool number = PyLong_CheckExact(value.ptr()) || PyFloat_CheckExact(value.ptr()) || PyBool_Check(value.ptr());
  return number ? checked(PyObject_Str(value.ptr())) : value;
}

struct Field {
  nb::object name, value;
};

/// One for each value.
std::optional<std::vector<Field>> fields_of(nb::handle data) {
  const auto pairs = pairs_of(data);
  if (!pairs) return {};
  std::vector<Field> fields;
  const auto add = [&](const nb::object& name, const nb::object& value) {
    if (value.is_none()) return true;
    fields.push_back({name, written(value)});
    return bytes_of(name) && bytes_of(fields.back().value);
  };
  for (const auto& [name, value] : *pairs) {
    if (!is_list(value)) {
      if (!add(name, value)) return {};
      continue;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(value.ptr()); ++i) {
      if (!add(name, nb::borrow(PySequence_Fast_GET_ITEM(value.ptr(), i)))) return {};
    }
  }
  return fields;
}

struct File {
  nb::object name, filename, content, type, headers;
};

bool can_be_read(nb::handle content) { return PyObject_HasAttrString(content.ptr(), "read") == 1; }

/// requests' guess_filename(): the last part of a file's name, unless it is one like "<stdin>"; else the field's.
nb::object guessed_filename(const nb::object& content, const nb::object& field) {
  const nb::object name = nb::steal(PyObject_GetAttrString(content.ptr(), "name"));
  if (!name.is_valid()) PyErr_Clear();
  const auto text = name.is_valid() ? bytes_of(name) : std::nullopt;
  if (!text || text->empty() || text->front() == '<' || text->back() == '>' || !PyUnicode_Check(name.ptr()))
    return field;
  const auto last = text->substr(text->rfind('/') + 1);
  return nb::str(last.data(), last.size());
}

bool are_headers(nb::handle headers) {
  if (!headers.is_valid() || headers.is_none()) return true;
  if (!PyDict_CheckExact(headers.ptr())) return false;
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *value = nullptr;
  while (PyDict_Next(headers.ptr(), &position, &name, &value)) {
    const auto name_text = utf8_of(name), value_text = utf8_of(value);
    // urllib3 puts some in an order of its own, and leaves out those without a value.
    if (!name_text || !value_text || value_text->empty() || !is_token(*name_text) || has_control(*value_text) ||
        same_name(*name_text, "Content-Disposition") || same_name(*name_text, "Content-Type") ||
        same_name(*name_text, "Content-Location"))
      return false;
  }
  return true;
}

std::optional<std::vector<File>> files_of(nb::handle given) {
  const auto pairs = pairs_of(given);
  if (!pairs) return {};
  std::vector<File> files;
  for (const auto& [name, value] : *pairs) {
    File file{.name = name};
    if (is_list(value)) {
      const Py_ssize_t size = PySequence_Fast_GET_SIZE(value.ptr());
      if (size < 2 || size > 4) return {};
      const auto item = [&](Py_ssize_t i) {
        return i < size ? nb::borrow(PySequence_Fast_GET_ITEM(value.ptr(), i)) : nb::object();
      };
      file = {.name = name, .filename = item(0), .content = item(1), .type = item(2), .headers = item(3)};
    } else {
      file.content = value;
      file.filename = guessed_filename(value, name);
    }
    const bool has_type = file.type.is_valid() && !file.type.is_none();
    const auto type = has_type ? utf8_of(file.type) : std::string_view();
    if (!utf8_of(file.name) || !utf8_of(file.filename) || !type || has_control(*type) || !are_headers(file.headers) ||
        !(bytes_of(file.content) || can_be_read(file.content)))
      return {};
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<katydid::Field> headers_of(nb::handle dict) {
  std::vector<katydid::Field> headers;
  if (!dict.is_valid() || dict.is_none()) return headers;
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *value = nullptr;
  while (PyDict_Next(dict.ptr(), &position, &name, &value)) headers.push_back({*utf8_of(name), *utf8_of(value)});
  return headers;
}

}  // namespace

bool append_files(Multipart& form, nb::handle data, nb::handle files) {
  const auto fields = fields_of(data);
  const auto uploads = files_of(files);
  if (!fields || !uploads) return false;
  for (const auto& [name, value] : *fields) form.field(*bytes_of(name), *bytes_of(value));
  for (const File& file : *uploads) {
    nb::object content = file.content;
    if (!bytes_of(content)) content = content.attr("read")();
    const auto bytes = bytes_of(content);
    if (!bytes) throw nb::type_error("read() of a file returns neither bytes nor text");
    const auto headers = headers_of(file.headers);
    const auto type = file.type.is_valid() && !file.type.is_none() ? *utf8_of(file.type) : std::string_view();
    form.add({.name = *utf8_of(file.name),
              .filename = *utf8_of(file.filename),
              .has_filename = true,
              .content_type = type,
              .headers = Fields(headers),
              .content = *bytes});
  }
  return true;
}

}  // namespace katydid::python
