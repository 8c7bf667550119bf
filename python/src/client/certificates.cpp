#include "python/src/client/certificates.hpp"

#include "python/src/cpython/api.hpp"

#include <cstddef>
#include <string>

namespace katydid::python {
namespace {

nb::object required_path(nb::handle object) {
  nb::object path = path_of(object);
  if (path.is_valid()) return path;
  throw nb::type_error(
      (std::string("cert must be a path or a pair of paths, not ") + nb::type_name(object.type()).c_str()).c_str());
}

}  // namespace

nb::object path_of(nb::handle object) {
  PyObject* path = nullptr;
  if (PyUnicode_FSConverter(object.ptr(), &path) != 0) return nb::steal(path);
  if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw nb::python_error();
  PyErr_Clear();
  return {};
}

nb::object authorities_of(nb::handle verify) {
  if (PyBool_Check(verify.ptr()) || verify.is_none() || !truth(verify)) return {};
  return path_of(verify);
}

ClientCertificate client_certificate_of(nb::handle cert) {
  if (!truth(cert)) return {};
  if (!PyTuple_Check(cert.ptr()) && !PyList_Check(cert.ptr())) return {required_path(cert), {}};
  const nb::object pair = checked(PySequence_Tuple(cert.ptr()));
  if (PyTuple_GET_SIZE(pair.ptr()) != 2) throw nb::type_error("cert must be a path or a pair of paths");
  ClientCertificate out{required_path(PyTuple_GET_ITEM(pair.ptr(), 0)), {}};
  const nb::handle key = PyTuple_GET_ITEM(pair.ptr(), 1);
  if (!key.is_none()) out.key = required_path(key);
  return out;
}

std::string_view view_of_path(const nb::object& path) {
  if (!path.is_valid()) return {};
  return {PyBytes_AS_STRING(path.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(path.ptr()))};
}

}  // namespace katydid::python
