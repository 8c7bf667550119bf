#include "python/src/client/lines.hpp"

#include "python/src/client/awaitable.hpp"
#include "python/src/client/response.hpp"
#include "python/src/cpython/plain_type.hpp"

#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

struct Names {
  PyObject* wait_for = interned("_wait_for");
  PyObject* raise_for_stream = interned("_raise_for_stream");
  PyObject* splitlines = interned("splitlines");
  PyObject* throw_ = interned("throw");
  PyObject* close = interned("close");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

constexpr char awaited[] = "this line was awaited already";

/// What `__anext__` gives: the next line, once.
class NextLine {
 public:
  void of(nb::object lines) { lines_ = std::move(lines); }

  PySendResult send(PyObject* value, PyObject** result) {
    if (!lines_.is_valid()) throw std::runtime_error(awaited);
    if (!waiting_.is_valid()) return take(result);
    const nb::object waiting = waiting_;  // it stays while it runs
    return went_on(PyIter_Send(waiting.ptr(), value, result), result);
  }

  /// The exception comes out where it waits, as in a coroutine.
  PySendResult throw_in(PyObject* const* what, Py_ssize_t count, PyObject** result) {
    if (!lines_.is_valid()) throw std::runtime_error(awaited);
    if (!waiting_.is_valid()) waiting_ = value_of<Lines>(lines_).more();
    const nb::object method = checked(PyObject_GetAttr(waiting_.ptr(), names().throw_));
    *result = PyObject_Vectorcall(method.ptr(), what, static_cast<std::size_t>(count), nullptr);
    if (*result) return PYGEN_NEXT;
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return went_on(PYGEN_ERROR, result);
    PyErr_Clear();
    return went_on(PYGEN_RETURN, result);
  }

  void close() {
    lines_ = {};
    if (const nb::object waiting = std::exchange(waiting_, {}); waiting.is_valid())
      checked(PyObject_CallMethodNoArgs(waiting.ptr(), names().close));
  }

 private:
  /// What its coroutine has said: after the end of that there are lines.
  PySendResult went_on(PySendResult said, PyObject** result) {
    if (said == PYGEN_NEXT) return said;
    waiting_ = {};
    if (said == PYGEN_RETURN) {
      Py_CLEAR(*result);
      return take(result);
    }
    lines_ = {};
    return said;
  }

  PySendResult take(PyObject** result) {
    auto line = value_of<Lines>(lines_).next();
    if (!line) {
      const nb::object waiting = waiting_ = value_of<Lines>(lines_).more();
      return went_on(PyIter_Send(waiting.ptr(), Py_None, result), result);
    }
    value_of<Lines>(std::exchange(lines_, {})).give_back(owner_of(*this));
    *result = line->release().ptr();
    if (*result) return PYGEN_RETURN;
    PyErr_SetNone(PyExc_StopAsyncIteration);
    return PYGEN_ERROR;
  }

  nb::object lines_, waiting_;
};

PyObject* same(PyObject* self) noexcept { return Py_NewRef(self); }

PySendResult send(PyObject* self, PyObject* value, PyObject** result) noexcept {
  try {
    return value_of<NextLine>(self).send(value, result);
  } catch (...) {
    *result = raise_again();
    return PYGEN_ERROR;
  }
}

/// As generators say it.
PyObject* said(PySendResult kind, PyObject* result) noexcept {
  if (kind != PYGEN_RETURN) return result;
  PyErr_SetObject(PyExc_StopIteration, result);
  Py_DECREF(result);
  return nullptr;
}

PyObject* send_method(PyObject* self, PyObject* value) noexcept {
  PyObject* result = nullptr;
  const PySendResult kind = send(self, value, &result);
  return said(kind, result);
}

PyObject* next(PyObject* self) noexcept { return send_method(self, Py_None); }

PyObject* throw_method(PyObject* self, PyObject* const* what, Py_ssize_t count) noexcept {
  try {
    PyObject* result = nullptr;
    const PySendResult kind = value_of<NextLine>(self).throw_in(what, count, &result);
    return said(kind, result);
  } catch (...) {
    return raise_again();
  }
}

PyMethodDef line_methods[] = {{"send", send_method, METH_O, nullptr},
                              method("throw", throw_method),
                              method<NextLine, &NextLine::close>("close"),
                              {nullptr, nullptr, 0, nullptr}};

PyObject* next_line(PyObject* self) noexcept {
  return guarded([&] {
    nb::object line = value_of<Lines>(self).take_spare();
    if (!line.is_valid()) line = make_plain<NextLine>();
    value_of<NextLine>(line).of(nb::borrow(self));
    return line;
  });
}

PyObject* new_lines(PyTypeObject*, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    if (PyTuple_GET_SIZE(arguments) != 1 ||
        !PyObject_TypeCheck(PyTuple_GET_ITEM(arguments, 0), plain_type<ResponseObject>))
      throw nb::type_error("Lines() takes a Response");
    return make_plain<Lines>(nb::borrow(PyTuple_GET_ITEM(arguments, 0)));
  });
}

PyObject* close(PyObject* self, PyObject*) noexcept {
  value_of<Lines>(self).close();
  return guarded([] { return make_plain<Ready>(nb::none()); });
}

PyMethodDef methods[] = {{"aclose", close, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

std::optional<nb::object> Lines::next() {
  do {
    if (batch_.is_valid() && at_ < PyList_GET_SIZE(batch_.ptr()))
      return nb::borrow(PyList_GET_ITEM(batch_.ptr(), at_++));
    batch_ = {};
    at_ = 0;
    if (ended_) return nb::object();
  } while (take_batch());
  return {};
}

/// False where more has to come.
bool Lines::take_batch() {
  ResponseObject& response = value_of<ResponseObject>(response_);
  ended_ = !response.is_open();
  batch_ = response.is_stream() ? response.take_lines()
                                : checked(PyObject_CallMethodNoArgs(response.body().ptr(), names().splitlines));
  if (PyList_GET_SIZE(batch_.ptr()) > 0) {
    if (response.is_stream()) ended_ = false;  // how it has ended is asked after the last line
    return true;
  }
  if (ended_) checked(PyObject_CallMethodNoArgs(response_.ptr(), names().raise_for_stream));
  return ended_;
}

nb::object Lines::take_spare() {
  nb::object spare = std::move(spare_);
  return spare.is_valid() && Py_REFCNT(spare.ptr()) == 1 ? spare : nb::object();
}

nb::object Lines::more() const {
  return checked(PyObject_CallMethodOneArg(response_.ptr(), names().wait_for, response_.ptr()));
}

void Lines::close() {
  batch_ = {};
  ended_ = true;
}

void bind_lines(nb::module_& m) {
  add_type<NextLine>(m, "NextLine", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                     {slot(Py_am_await, same),
                      slot(Py_am_send, send),
                      slot(Py_tp_iter, same),
                      slot(Py_tp_iternext, next),
                      {Py_tp_methods, line_methods}});
  add_type<Lines>(
      m, "Lines", 0,
      {slot(Py_tp_new, new_lines), slot(Py_am_aiter, same), slot(Py_am_anext, next_line), {Py_tp_methods, methods}});
}

}  // namespace katydid::python
