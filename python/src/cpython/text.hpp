#pragma once

#include "python/src/cpython/api.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace katydid::python {

/// What a str holds, for as long as the object lives; nothing for other objects, and where it can't be said in that
/// encoding: half of a surrogate pair in UTF-8, most letters in Latin-1. @{
inline std::optional<std::string_view> utf8_of(nb::handle text) {
  if (!text.is_valid() || !PyUnicode_Check(text.ptr())) return std::nullopt;
  Py_ssize_t size = 0;
  const char* const bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (bytes) return std::string_view(bytes, static_cast<std::size_t>(size));
  PyErr_Clear();
  return std::nullopt;
}
inline std::optional<std::string_view> latin1_of(nb::handle text) {
  if (!PyUnicode_Check(text.ptr()) || PyUnicode_KIND(text.ptr()) != PyUnicode_1BYTE_KIND) return std::nullopt;
  return std::string_view(static_cast<const char*>(PyUnicode_DATA(text.ptr())),
                          static_cast<std::size_t>(PyUnicode_GET_LENGTH(text.ptr())));
}
/// @}

/// A str; what is not UTF-8 in it is replaced. @{
inline nb::object utf8_text(std::string_view text) {
  return checked(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}
inline nb::object latin1_text(std::string_view text) {
  return checked(PyUnicode_DecodeLatin1(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
}
/// @}

inline nb::object bytes_object(std::string_view bytes) {
  return checked(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

}  // namespace katydid::python
