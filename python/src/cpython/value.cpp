#include "python/src/cpython/value.hpp"

#include <string>

namespace katydid::python {
namespace {

constexpr int deepest = 200;

nb::object text(const std::string& bytes) {
  return nb::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

Value number(nb::handle object) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow == 0) return Value(static_cast<std::int64_t>(value));
  const unsigned long long natural = PyLong_AsUnsignedLongLong(object.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    throw nb::type_error("a message holds an int of more than 64 bits");
  }
  return Value(static_cast<std::uint64_t>(natural));
}

Value from_python(nb::handle object, int depth) {
  if (depth > deepest) throw nb::type_error("a message is nested too deeply");
  PyObject* const raw = object.ptr();
  if (object.is_none()) return nullptr;
  if (PyBool_Check(raw)) return Value(raw == Py_True);
  if (PyLong_Check(raw)) return number(object);
  if (PyFloat_Check(raw)) return Value(PyFloat_AS_DOUBLE(raw));
  if (PyUnicode_Check(raw)) return Value(std::string(nb::cast<nb::str>(object).c_str()));
  if (PyBytes_Check(raw))
    return Value(Binary(std::string(PyBytes_AS_STRING(raw), static_cast<std::size_t>(PyBytes_GET_SIZE(raw)))));
  if (PyList_Check(raw) || PyTuple_Check(raw)) {
    Value::Array items;
    for (nb::handle item : object) items.push_back(from_python(item, depth + 1));
    return Value(std::move(items));
  }
  if (PyDict_Check(raw)) {
    Value::Object fields;
    for (auto [key, value] : nb::borrow<nb::dict>(object))
      fields.emplace_back(from_python(key, depth + 1), from_python(value, depth + 1));
    return Value(std::move(fields));
  }
  throw nb::type_error((std::string("a message cannot hold a ") + nb::type_name(object.type()).c_str()).c_str());
}

}  // namespace

nb::object to_python(const Value& value) {
  if (value.is_null()) return nb::none();
  if (value.is_bool()) return nb::bool_(value.as_bool());
  if (value.is_uint64()) return nb::int_(value.as_uint());
  if (value.is_int()) return nb::int_(value.as_int());
  if (value.is_double()) return nb::float_(value.as_double());
  if (value.is_string()) return text(value.as_string());
  if (value.is_binary()) {
    const std::string& bytes = value.as_binary().bytes;
    return nb::bytes(bytes.data(), bytes.size());
  }
  if (value.is_array()) {
    nb::list items;
    for (const Value& item : value.as_array()) items.append(to_python(item));
    return items;
  }
  nb::dict fields;
  for (const auto& [key, field] : value.as_object()) fields[to_python(key)] = to_python(field);
  return fields;
}

Value from_python(nb::handle object) { return from_python(object, 0); }

}  // namespace katydid::python
