#include "python/src/client/items.hpp"

#include "python/src/client/awaitable.hpp"
#include "python/src/client/response.hpp"
#include "python/src/client/server_event.hpp"
#include "python/src/cpython/plain_type.hpp"

#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

struct Names {
  PyObject* wait_for = interned("_wait_for");
  PyObject* raise_for_stream = interned("_raise_for_stream");
  PyObject* throw_ = interned("throw");
  PyObject* close = interned("close");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

constexpr char awaited[] = "this item was awaited already";

/// What `__anext__` gives: the next item, once.
class NextItem {
 public:
  void of(nb::object items) { items_ = std::move(items); }

  PySendResult send(PyObject* value, PyObject** result) {
    if (!items_.is_valid()) throw std::runtime_error(awaited);
    if (!waiting_.is_valid()) return take(result);
    const nb::object waiting = waiting_;  // it stays while it runs
    return went_on(PyIter_Send(waiting.ptr(), value, result), result);
  }

  /// The exception comes out where it waits, as in a coroutine.
  PySendResult throw_in(PyObject* const* what, Py_ssize_t count, PyObject** result) {
    if (!items_.is_valid()) throw std::runtime_error(awaited);
    if (!waiting_.is_valid()) waiting_ = value_of<Items>(items_).more();
    const nb::object method = checked(PyObject_GetAttr(waiting_.ptr(), names().throw_));
    *result = PyObject_Vectorcall(method.ptr(), what, static_cast<std::size_t>(count), nullptr);
    if (*result) return PYGEN_NEXT;
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return went_on(PYGEN_ERROR, result);
    PyErr_Clear();
    return went_on(PYGEN_RETURN, result);
  }

  void close() {
    items_ = {};
    if (const nb::object waiting = std::exchange(waiting_, {}); waiting.is_valid())
      checked(PyObject_CallMethodNoArgs(waiting.ptr(), names().close));
  }

 private:
  /// What its coroutine has said: after the end of that there are items.
  PySendResult went_on(PySendResult said, PyObject** result) {
    if (said == PYGEN_NEXT) return said;
    waiting_ = {};
    if (said == PYGEN_RETURN) {
      Py_CLEAR(*result);
      return take(result);
    }
    items_ = {};
    return said;
  }

  PySendResult take(PyObject** result) {
    auto item = value_of<Items>(items_).next();
    if (!item) {
      const nb::object waiting = waiting_ = value_of<Items>(items_).more();
      return went_on(PyIter_Send(waiting.ptr(), Py_None, result), result);
    }
    value_of<Items>(std::exchange(items_, {})).give_back(owner_of(*this));
    *result = item->release().ptr();
    if (*result) return PYGEN_RETURN;
    PyErr_SetNone(PyExc_StopAsyncIteration);
    return PYGEN_ERROR;
  }

  nb::object items_, waiting_;
};

PySendResult send(PyObject* self, PyObject* value, PyObject** result) noexcept {
  try {
    return value_of<NextItem>(self).send(value, result);
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
    const PySendResult kind = value_of<NextItem>(self).throw_in(what, count, &result);
    return said(kind, result);
  } catch (...) {
    return raise_again();
  }
}

PyMethodDef item_methods[] = {{"send", send_method, METH_O, nullptr},
                              method("throw", throw_method),
                              method<NextItem, &NextItem::close>("close"),
                              {nullptr, nullptr, 0, nullptr}};

PyObject* next_item(PyObject* self) noexcept {
  return guarded([&] {
    nb::object item = value_of<Items>(self).take_spare();
    if (!item.is_valid()) item = make_plain<NextItem>();
    value_of<NextItem>(item).of(nb::borrow(self));
    return item;
  });
}

PyObject* new_items(PyTypeObject*, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    const auto count = PyTuple_GET_SIZE(arguments);
    const auto at = [&](Py_ssize_t i) { return nb::borrow(i < count ? PyTuple_GET_ITEM(arguments, i) : Py_None); };
    if (count < 1 || count > 2 || !PyObject_TypeCheck(at(0).ptr(), plain_type<ResponseObject>))
      throw nb::type_error("Items() takes a Response, and a class of events where it is to give these");
    return make_plain<Items>(at(0), at(1).is_none() ? nb::object() : checked_event_class(at(1)));
  });
}

PyObject* close(PyObject* self, PyObject*) noexcept {
  value_of<Items>(self).close();
  return guarded([] { return make_plain<Ready>(nb::none()); });
}

PyMethodDef methods[] = {{"aclose", close, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

std::optional<nb::object> Items::next() {
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
bool Items::take_batch() {
  ResponseObject& response = value_of<ResponseObject>(response_);
  ended_ = !response.is_open();
  batch_ = event_class_.is_valid() ? response.take_events(event_class_)
           : response.is_stream()  ? response.take_lines()
                                   : response.body_lines();
  if (PyList_GET_SIZE(batch_.ptr()) > 0) {
    if (response.is_stream()) ended_ = false;  // how it has ended is asked after the last item
    return true;
  }
  if (ended_) checked(PyObject_CallMethodNoArgs(response_.ptr(), names().raise_for_stream));
  return ended_;
}

nb::object Items::take_spare() {
  nb::object spare = std::move(spare_);
  return spare.is_valid() && Py_REFCNT(spare.ptr()) == 1 ? spare : nb::object();
}

nb::object Items::more() const {
  return checked(PyObject_CallMethodOneArg(response_.ptr(), names().wait_for, response_.ptr()));
}

void Items::close() {
  batch_ = {};
  ended_ = true;
}

void bind_items(nb::module_& m) {
  add_type<NextItem>(m, "NextItem", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                     {slot(Py_am_await, PyObject_SelfIter),
                      slot(Py_am_send, send),
                      slot(Py_tp_iter, PyObject_SelfIter),
                      slot(Py_tp_iternext, next),
                      {Py_tp_methods, item_methods}});
  add_type<Items>(m, "Items", 0,
                  {slot(Py_tp_new, new_items),
                   slot(Py_am_aiter, PyObject_SelfIter),
                   slot(Py_am_anext, next_item),
                   {Py_tp_methods, methods}});
}

}  // namespace katydid::python
