#include "python/src/client/turn.hpp"

#include <utility>
#include <vector>

namespace katydid::python {
namespace {

struct Names {
  PyObject* wait = interned("wait");
  PyObject* stop_waiting = interned("stop_waiting");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Of asyncio, for good.
PyObject* function(const char* name) { return nb::object(nb::module_::import_("asyncio").attr(name)).release().ptr(); }

/// Whether a task runs in that loop, in the middle of which no other can go on.
bool task_runs(nb::handle loop) {
  static PyObject* const get = function("current_task");
  return !checked(PyObject_CallOneArg(get, loop.ptr())).is_none();
}

nb::object running_loop() {
  static PyObject* const get = function("get_running_loop");
  return checked(PyObject_CallNoArgs(get));
}

PyObject* new_turn(PyTypeObject*, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    if (PyTuple_GET_SIZE(arguments) != 1) throw nb::type_error("Turn() takes what calls back");
    nb::object turn = make_plain<Turn>(running_loop());
    value_of<Turn>(turn).wait_for(nb::borrow(PyTuple_GET_ITEM(arguments, 0)));
    return turn;
  });
}

PyObject* call_back(PyObject* self, PyObject*, PyObject*) noexcept {
  return guarded([&] {
    value_of<Turn>(self).came();
    return nb::none();
  });
}

/// throw(exception), or with its type first: it waits no more, and the exception goes on.
PyObject* throw_in(PyObject* self, PyObject* const* what, Py_ssize_t count) noexcept {
  return guarded([&]() -> nb::object {
    if (count < 1 || count > 3) throw nb::type_error("throw() takes an exception");
    value_of<Turn>(self).cancel_future({});
    if (PyExceptionInstance_Check(what[0])) {
      PyErr_SetObject(PyExceptionInstance_Class(what[0]), what[0]);
    } else {
      PyErr_SetObject(what[0], count > 1 ? what[1] : Py_None);
    }
    throw nb::python_error();
  });
}

PyMethodDef* methods() {
  static std::vector<PyMethodDef> all = methods_of_future<Turn>({method("throw", throw_in)});
  return all.data();
}

}  // namespace

void Turn::wait_for(nb::object what) {
  what_ = std::move(what);
  checked(PyObject_CallMethodOneArg(what_.ptr(), names().wait, owner_of(*this).ptr()));
}

void Turn::came() {
  if (done()) return;
  came_ = true;
  what_ = {};
  const nb::object self = nb::borrow(owner_of(*this));
  if (task_runs(loop_)) return tell_all_soon(loop_, self);
  std::exception_ptr raised;
  tell_all(loop_, self, [&](nb::handle function, bool) {
    try {
      checked(PyObject_CallOneArg(function.ptr(), self.ptr()));
    } catch (...) {
      raised = std::current_exception();
    }
  });
  if (raised) std::rethrow_exception(raised);
}

PySendResult Turn::send(PyObject** result) {
  if (!done()) {
    yield();
    *result = Py_NewRef(owner_of(*this).ptr());
    return PYGEN_NEXT;
  }
  if (cancelled()) raise_cancelled();
  *result = Py_NewRef(Py_None);
  return PYGEN_RETURN;
}

void Turn::result() const {
  if (cancelled()) raise_cancelled();
  if (!came_) raise_under_way();
}

bool Turn::cancel_future(nb::object message) {
  if (done()) return false;
  cancel_with(std::move(message));
  const nb::object self = nb::borrow(owner_of(*this));
  checked(PyObject_CallMethodNoArgs(std::exchange(what_, {}).ptr(), names().stop_waiting));
  tell_all_soon(loop_, self);
  return true;
}

void bind_turn(nb::module_& m) {
  auto slots = future_slots<Turn>(methods());
  slots.insert(slots.end(), {slot(Py_tp_new, new_turn), slot(Py_tp_call, call_back)});
  add_type<Turn>(m, "Turn", 0, std::move(slots));
}

}  // namespace katydid::python
