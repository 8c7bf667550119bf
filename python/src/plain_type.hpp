#pragma once

#include "python/src/cpython.hpp"

#include <functional>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace katydid::python {

/// A Python object with a T in it whose type is CPython's own kind: cheaper to make than nanobind's, and Python classes
/// may derive from it beside other classes. Where T owns objects that may lead back to it, it has a function `visit`,
/// which calls what it is given with each `PyObject*&` that T owns.
template <class T>
struct PlainObject {
  PyObject ob_base;
  T value;
};

template <class T>
T& value_of(nb::handle object) {
  return reinterpret_cast<PlainObject<T>*>(object.ptr())->value;
}

/// The Python object that a T is in.
template <class T>
nb::handle owner_of(T& value) {
  static_assert(sizeof(PyObject) % alignof(T) == 0);  // no padding between the two
  return reinterpret_cast<PyObject*>(reinterpret_cast<char*>(&value) - sizeof(PyObject));
}

/// Set by add_type().
template <class T>
inline PyTypeObject* plain_type = nullptr;

template <class T, class... Arguments>
nb::object make_plain(PyTypeObject* type, Arguments&&... arguments) {
  nb::object self = checked(type->tp_alloc(type, 0));
  new (&value_of<T>(self)) T(std::forward<Arguments>(arguments)...);
  return self;
}

/// The slots of such a type. @{
template <class T>
PyObject* new_plain(PyTypeObject* type, PyObject*, PyObject*) noexcept {
  return guarded([&] { return make_plain<T>(type); });
}

template <class T>
int clear_plain(PyObject* self) {
  value_of<T>(self).visit([](PyObject*& part) { Py_CLEAR(part); });
  return 0;
}

template <class T>
void deallocate_plain(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  if constexpr (requires(T& value) { value.visit([](PyObject*&) {}); }) {
    PyObject_GC_UnTrack(self);
    clear_plain<T>(self);
  }
  value_of<T>(self).~T();
  type->tp_free(self);
  Py_DECREF(type);
}

template <class T>
int traverse_plain(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  int result = 0;
  value_of<T>(self).visit([&](PyObject*& part) {
    if (result == 0 && part) result = visit(part, arg);
  });
  return result;
}
/// @}

/// What is called by CPython's vectorcall convention, with keywords or without. @{
using FastCall = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*) noexcept;
using PositionalCall = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t) noexcept;
inline PyMethodDef method(const char* name, FastCall call, const char* text = nullptr) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call)), METH_FASTCALL | METH_KEYWORDS, text};
}
inline PyMethodDef method(const char* name, PositionalCall call) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call)), METH_FASTCALL, nullptr};
}
/// @}

/// What a function of T's returns, as an object.
template <auto function, class T, class... Arguments>
PyObject* result_of(T& value, const Arguments&... arguments) noexcept {
  return guarded([&]() -> nb::object {
    if constexpr (std::is_void_v<std::invoke_result_t<decltype(function), T&, const Arguments&...>>) {
      std::invoke(function, value, arguments...);
      return nb::none();
    } else {
      return nb::cast(std::invoke(function, value, arguments...));
    }
  });
}

/// Members of such a type that are functions of T: `function(T&)`, and `function(T&, nb::handle)` for a method with an
/// argument. @{
template <class T, auto function>
PyGetSetDef property(const char* name) {
  const auto get = [](PyObject* self, void*) noexcept { return result_of<function>(value_of<T>(self)); };
  return {name, get, nullptr, nullptr, nullptr};
}

template <class T, auto function>
PyMethodDef method(const char* name) {
  const auto call = [](PyObject* self, PyObject*) noexcept { return result_of<function>(value_of<T>(self)); };
  return {name, call, METH_NOARGS, nullptr};
}

template <class T, auto function>
PyMethodDef method_of_one(const char* name) {
  const auto call = [](PyObject* self, PyObject* argument) noexcept {
    return result_of<function>(value_of<T>(self), nb::handle(argument));
  };
  return {name, call, METH_O, nullptr};
}
/// @}

/// Adds the type of T's objects to the module, under the last part of its name.
template <class T>
void add_type(nb::module_& m, PyType_Spec& spec) {
  const nb::object type = checked(PyType_FromSpec(&spec));
  const std::string name = spec.name;
  m.attr(name.substr(name.rfind('.') + 1).c_str()) = type;
  plain_type<T> = reinterpret_cast<PyTypeObject*>(type.inc_ref().ptr());  // it stays, as the module does
}

}  // namespace katydid::python
