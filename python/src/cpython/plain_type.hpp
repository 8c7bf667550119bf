#pragma once

#include "python/src/cpython/api.hpp"

#include <functional>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

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

/// Whether it has that function.
template <class T>
concept Visited = requires(T& value) { value.visit([](PyObject*&) {}); };

/// Set by add_type().
template <class T>
inline PyTypeObject* plain_type = nullptr;

/// Of a class that is derived from T's type, or of that itself.
template <class T, class... Arguments>
nb::object make_plain_as(PyTypeObject* type, Arguments&&... arguments) {
  nb::object self = checked(type->tp_alloc(type, 0));
  new (&value_of<T>(self)) T(std::forward<Arguments>(arguments)...);
  return self;
}

template <class T, class... Arguments>
nb::object make_plain(Arguments&&... arguments) {
  return make_plain_as<T>(plain_type<T>, std::forward<Arguments>(arguments)...);
}

/// The slots of such a type. @{
template <class T>
PyObject* new_plain(PyTypeObject* type, PyObject*, PyObject*) noexcept {
  return guarded([&] { return make_plain_as<T>(type); });
}

template <class T>
int clear_plain(PyObject* self) {
  value_of<T>(self).visit([](PyObject*& part) { Py_CLEAR(part); });
  return 0;
}

template <class T>
void deallocate_plain(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  if constexpr (Visited<T>) {
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

template <class Function>
PyType_Slot slot(int id, Function* function) {
  return {id, reinterpret_cast<void*>(function)};
}

/// Adds the type of T's objects to the module as `name`. Besides its slots it gets those that every such type needs.
/// What the slots point to stays, as the module does.
template <class T>
void add_type(nb::module_& m, const char* name, unsigned long flags, std::vector<PyType_Slot> slots) {
  slots.push_back(slot(Py_tp_dealloc, deallocate_plain<T>));
  if constexpr (Visited<T>) {
    slots.insert(slots.end(), {slot(Py_tp_traverse, traverse_plain<T>), slot(Py_tp_clear, clear_plain<T>)});
    flags |= Py_TPFLAGS_HAVE_GC;
  }
  slots.push_back({0, nullptr});
  const std::string full_name = std::string("katydid._native.") + name;
  PyType_Spec spec = {full_name.c_str(), sizeof(PlainObject<T>), 0,
                      static_cast<unsigned int>(Py_TPFLAGS_DEFAULT | flags), slots.data()};
  const nb::object type = checked(PyType_FromSpec(&spec));
  m.attr(name) = type;
  plain_type<T> = reinterpret_cast<PyTypeObject*>(type.inc_ref().ptr());  // it stays, as the module does
}

}  // namespace katydid::python
