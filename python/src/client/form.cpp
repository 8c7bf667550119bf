#include "python/src/client/form.hpp"

#include "http/request.hpp"
#include "python/src/cpython/text.hpp"

namespace katydid::python {
namespace {

bool append_text(std::string& out, nb::handle text) {
  const auto bytes = utf8_of(text);
  if (bytes) append_form_encoded(out, *bytes);
  return bytes.has_value();
}

bool append_value(std::string& out, nb::handle value) {
  if (PyUnicode_CheckExact(value.ptr())) return append_text(out, value);
  if (PyBytes_CheckExact(value.ptr())) {
    append_form_encoded(out, {PyBytes_AS_STRING(value.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(value.ptr()))});
    return true;
  }
  if (!PyLong_CheckExact(value.ptr()) && !PyFloat_CheckExact(value.ptr()) && !PyBool_Check(value.ptr())) return false;
  const nb::object text = nb::steal(PyObject_Str(value.ptr()));
  if (text.is_valid()) return append_text(out, text);
  PyErr_Clear();  // a number with more digits than Python writes
  return false;
}

class FormWriter {
 public:
  FormWriter(std::string& out, FormValues values) : out_(out), start_(out.size()), values_(values) {}

  bool add(nb::handle name, nb::handle value) {
    if (values_ == FormValues::repeated) {
      if (value.is_none()) return true;
      if (PyList_CheckExact(value.ptr()) || PyTuple_CheckExact(value.ptr())) {
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(value.ptr()); ++i) {
          const nb::handle item = PySequence_Fast_GET_ITEM(value.ptr(), i);
          if (!item.is_none() && !add_one(name, item)) return false;
        }
        return true;
      }
    }
    return add_one(name, value);
  }

 private:
  bool add_one(nb::handle name, nb::handle value) {
    if (out_.size() > start_) out_ += '&';
    if (!append_value(out_, name)) return false;
    out_ += '=';
    return append_value(out_, value);
  }

  std::string& out_;
  std::size_t start_;
  FormValues values_;
};

bool append_all(FormWriter& form, nb::handle fields) {
  if (PyDict_CheckExact(fields.ptr())) {
    Py_ssize_t position = 0;
    PyObject *name = nullptr, *value = nullptr;
    while (PyDict_Next(fields.ptr(), &position, &name, &value)) {
      if (!form.add(name, value)) return false;
    }
    return true;
  }
  if (!PyList_CheckExact(fields.ptr()) && !PyTuple_CheckExact(fields.ptr())) return false;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fields.ptr()); ++i) {
    PyObject* const pair = PySequence_Fast_GET_ITEM(fields.ptr(), i);
    if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2) return false;
    if (!form.add(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1))) return false;
  }
  return true;
}

}  // namespace

bool append_form(std::string& out, nb::handle fields, FormValues values) {
  const std::size_t start = out.size();
  FormWriter form(out, values);
  if (append_all(form, fields)) return true;
  out.resize(start);
  return false;
}

}  // namespace katydid::python
