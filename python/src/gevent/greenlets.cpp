#include "python/src/gevent/greenlets.hpp"

#include <cstddef>

namespace katydid::python {
namespace {
// Places in the table of functions, which greenlet.h has fixed.
constexpr std::size_t get_current = 4, switch_ = 6, get_parent = 11;
}  // namespace

const Greenlets& Greenlets::api() {
  static const auto& api = *new Greenlets;  // the interpreter may be gone when statics are destroyed
  return api;
}

Greenlets::Greenlets() {
  nb::module_::import_("greenlet");
  void** const table = static_cast<void**>(PyCapsule_Import("greenlet._C_API", 0));
  if (!table) throw nb::python_error();
  get_current_ = reinterpret_cast<decltype(get_current_)>(table[get_current]);
  get_parent_ = reinterpret_cast<decltype(get_parent_)>(table[get_parent]);
  switch_ = reinterpret_cast<decltype(Greenlets::switch_)>(table[katydid::python::switch_]);
  nothing_ = nb::steal(PyTuple_New(0));
}

nb::object Greenlets::current() const { return nb::steal(get_current_()); }

nb::object Greenlets::parent_of(nb::handle greenlet) const { return nb::steal(get_parent_(greenlet.ptr())); }

nb::object Greenlets::switch_to(nb::handle greenlet) const {
  return nb::steal(switch_(greenlet.ptr(), nothing_.ptr(), nullptr));
}

}  // namespace katydid::python
