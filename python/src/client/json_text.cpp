#include "python/src/client/json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace katydid::python {
namespace {

constexpr int most_depth = 100;
constexpr char hex_digits[] = "0123456789abcdef";

void append_escape(std::string& out, std::uint32_t unit) {
  out += {'\\',
          'u',
          hex_digits[(unit >> 12) & 15],
          hex_digits[(unit >> 8) & 15],
          hex_digits[(unit >> 4) & 15],
          hex_digits[unit & 15]};
}

void append_character(std::string& out, Py_UCS4 c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\b':
      out += "\\b";
      return;
    default:
      break;
  }
  if (c >= ' ' && c <= '~') {
    out += static_cast<char>(c);
  } else if (c < 0x10000) {
    append_escape(out, c);
  } else {
    append_escape(out, 0xD800 + ((c - 0x10000) >> 10));
    append_escape(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
  }
}

bool is_plain(unsigned char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void append_string(std::string& out, nb::handle text) {
  const Py_ssize_t size = PyUnicode_GET_LENGTH(text.ptr());
  const int kind = PyUnicode_KIND(text.ptr());
  const void* const data = PyUnicode_DATA(text.ptr());
  out += '"';
  Py_ssize_t at = 0;
  if (kind == PyUnicode_1BYTE_KIND) {  // as far as it needs no change
    const auto* const bytes = static_cast<const unsigned char*>(data);
    while (at < size && is_plain(bytes[at])) ++at;
    out.append(static_cast<const char*>(data), static_cast<std::size_t>(at));
  }
  for (; at < size; ++at) append_character(out, PyUnicode_READ(kind, data, at));
  out += '"';
}

bool append_integer(std::string& out, nb::handle value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow != 0) return false;
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
  return true;
}

/// As float.__repr__().
bool append_float(std::string& out, nb::handle value) {
  const double number = PyFloat_AS_DOUBLE(value.ptr());
  if (!std::isfinite(number)) return false;
  char* const text = PyOS_double_to_string(number, 'r', 0, Py_DTSF_ADD_DOT_0, nullptr);
  if (!text) throw nb::python_error();
  out += text;
  PyMem_Free(text);
  return true;
}

bool append_value(std::string& out, nb::handle value, int depth);

bool append_list(std::string& out, nb::handle list, int depth) {
  out += '[';
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list.ptr()); ++i) {
    if (i > 0) out += ", ";
    if (!append_value(out, PySequence_Fast_GET_ITEM(list.ptr(), i), depth)) return false;
  }
  out += ']';
  return true;
}

bool append_dict(std::string& out, nb::handle dict, int depth) {
  out += '{';
  Py_ssize_t position = 0;
  PyObject *key = nullptr, *value = nullptr;
  for (bool first = true; PyDict_Next(dict.ptr(), &position, &key, &value); first = false) {
    if (!PyUnicode_CheckExact(key)) return false;
    if (!first) out += ", ";
    append_string(out, key);
    out += ": ";
    if (!append_value(out, value, depth)) return false;
  }
  out += '}';
  return true;
}

bool append_value(std::string& out, nb::handle value, int depth) {
  if (PyUnicode_CheckExact(value.ptr())) {
    append_string(out, value);
  } else if (PyLong_CheckExact(value.ptr())) {
    return append_integer(out, value);
  } else if (PyDict_CheckExact(value.ptr())) {
    return depth < most_depth && append_dict(out, value, depth + 1);
  } else if (PyList_CheckExact(value.ptr()) || PyTuple_CheckExact(value.ptr())) {
    return depth < most_depth && append_list(out, value, depth + 1);
  } else if (value.is_none()) {
    out += "null";
  } else if (PyBool_Check(value.ptr())) {
    out += value.ptr() == Py_True ? "true" : "false";
  } else if (PyFloat_CheckExact(value.ptr())) {
    return append_float(out, value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool append_json(std::string& out, nb::handle value) {
  const std::size_t start = out.size();
  if (append_value(out, value, 0)) return true;
  out.resize(start);
  return false;
}

}  // namespace katydid::python
