#include "python/src/client/renaming.hpp"

#include "python/src/client/client.hpp"
#include "python/src/cpython/plain_type.hpp"

#include <utility>

namespace katydid::python {
namespace {

void set_name(const Renaming& renaming, nb::object name) {
  nb::inst_ptr<ClientObject>(renaming.client)->set_request_name(std::move(name));
}

void enter(const Renaming& renaming) { set_name(renaming, renaming.name); }

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) noexcept {
  return guarded([&] {
    set_name(value_of<Renaming>(self), nb::none());
    return nb::none();
  });
}

PyMethodDef methods[] = {
    method<Renaming, enter>("__enter__"), method("__exit__", exit), {nullptr, nullptr, 0, nullptr}};

}  // namespace

nb::object rename_request(nb::object client, nb::object name) {
  text_of(name, "name");  // what is no text is refused where it was written
  return make_plain<Renaming>(std::move(client), std::move(name));
}

void bind_renaming(nb::module_& m) {
  add_type<Renaming>(m, "Renaming", Py_TPFLAGS_DISALLOW_INSTANTIATION, {{Py_tp_methods, methods}});
}

}  // namespace katydid::python
