#include "python/src/gevent/asked.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/client/client.hpp"

#include <structmember.h>

#include <cstddef>

namespace katydid::python {
namespace {

std::chrono::milliseconds limit(PyObject* seconds) {
  if (!seconds || seconds == Py_None) return {};
  const double value = PyFloat_AsDouble(seconds);
  if (PyErr_Occurred()) throw nb::python_error();
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(std::min(value, 1e9)));
}

/// Asked(method, url, name, head, body, parts, connect_timeout=None, timeout=None, verify=True)
PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    PyObject *method, *url, *name, *head, *body, *parts, *connect_timeout = nullptr, *timeout = nullptr;
    int verify = 1;
    if (!PyArg_ParseTuple(arguments, "OOOOOO|OOp:Asked", &method, &url, &name, &head, &body, &parts, &connect_timeout,
                          &timeout, &verify)) {
      throw nb::python_error();
    }
    for (const auto& [value, what] : {std::pair{method, "method"}, {url, "url"}, {head, "head"}}) {
      static_cast<void>(text_of(value, what));
    }
    if (body != Py_None) static_cast<void>(text_of(body, "body"));
    nb::object self = make_plain_as<Asked>(type);
    Asked& asked = value_of<Asked>(self);
    asked.connect_timeout = limit(connect_timeout);
    asked.timeout = limit(timeout);
    asked.verify = verify != 0;
    asked.method = Py_NewRef(method);
    asked.url = Py_NewRef(url);
    asked.name = Py_NewRef(name);
    asked.head = Py_NewRef(head);
    if (body != Py_None) asked.body = Py_NewRef(body);
    asked.parts = Py_NewRef(parts);
    return self;
  });
}

constexpr auto offset = offsetof(PlainObject<Asked>, value);
PyMemberDef members[] = {{"url", T_OBJECT, offset + offsetof(Asked, url), READONLY, nullptr},
                         {"name", T_OBJECT, offset + offsetof(Asked, name), READONLY, nullptr},
                         {"parts", T_OBJECT, offset + offsetof(Asked, parts), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

}  // namespace

void bind_asked(nb::module_& m) { add_type<Asked>(m, "Asked", 0, {slot(Py_tp_new, make), {Py_tp_members, members}}); }

}  // namespace katydid::python
