#include "python/src/gevent/request_event.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/engine/statistics.hpp"

#include <structmember.h>

#include <chrono>
#include <cstddef>

namespace katydid::python {
namespace {

constexpr auto offset = offsetof(PlainObject<Listener>, value);
PyMemberDef members[] = {{"statistics", T_OBJECT, offset + offsetof(Listener, statistics), 0, nullptr},
                         {"needs_no_event", T_BOOL, offset + offsetof(Listener, needs_no_event), 0, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

struct Names {
  PyObject* handlers = interned("_handlers");
  PyObject* fire = interned("fire");
  PyObject* context = interned("context");
  PyObject* request_type = interned("request_type");
  PyObject* response_time = interned("response_time");
  PyObject* name = interned("name");
  PyObject* response = interned("response");
  PyObject* exception = interned("exception");
  PyObject* start_time = interned("start_time");
  PyObject* url = interned("url");
  PyObject* response_length = interned("response_length");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Parts of the installed Locust, and what belongs to them.
struct Locust {
  nb::object fire = nb::module_::import_("locust.event").attr("EventHook").attr("fire");
  nb::object judge = nb::module_::import_("katydid.gevent.recording").attr("judge");
};

const Locust& locust() {
  static const auto& locust = *new Locust;
  return locust;
}

nb::object attribute(nb::handle object, PyObject* name) { return checked(PyObject_GetAttr(object.ptr(), name)); }

void set(nb::handle dict, PyObject* key, nb::object value) {
  if (PyDict_SetItem(dict.ptr(), key, value.ptr()) != 0) throw nb::python_error();
}

/// `{**user.context(), **context}`
nb::object context_of(nb::handle user, const GreenExchange& exchange) {
  nb::object context;
  if (!user.is_valid() || !truth(user)) {
    if (exchange.context) return nb::borrow(exchange.context);
    return checked(PyDict_New());
  }
  context = checked(PyDict_New());
  const nb::object own = checked(PyObject_CallMethodNoArgs(user.ptr(), names().context));
  for (PyObject* each : {own.ptr(), exchange.context}) {
    if (each && PyDict_Update(context.ptr(), each) != 0) throw nb::python_error();
  }
  return context;
}

double start_time(const GreenExchange& exchange) {
  const std::chrono::duration<double> ago = std::chrono::steady_clock::now() - exchange.started;
  return (std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()) - ago).count();
}

nb::object meta_of(nb::handle user, const GreenExchange& exchange, nb::handle response) {
  const Names& key = names();
  const std::chrono::duration<double, std::milli> elapsed = exchange.elapsed();
  nb::object meta = checked(PyDict_New());
  set(meta, key.request_type, nb::borrow(exchange.method));
  set(meta, key.response_time, checked(PyFloat_FromDouble(elapsed.count())));
  set(meta, key.name, nb::borrow(exchange.name));
  set(meta, key.context, context_of(user, exchange));
  set(meta, key.response, nb::borrow(response));
  set(meta, key.exception, nb::none());
  set(meta, key.start_time, checked(PyFloat_FromDouble(start_time(exchange))));
  const std::string& url = value_of<Asked>(exchange.asked).url;
  set(meta, key.url, nb::str(url.data(), url.size()));
  set(meta, key.response_length, checked(PyLong_FromSize_t(exchange.length())));
  return meta;
}

bool is_listener(nb::handle handler) { return PyObject_TypeCheck(handler.ptr(), plain_type<Listener>) != 0; }

/// False when it has to be called.
bool record(nb::handle handler, const GreenExchange& exchange) {
  if (!is_listener(handler)) return false;
  const Listener& listener = value_of<Listener>(handler);
  if (!listener.statistics || listener.statistics == Py_None) return false;
  if (!PyUnicode_Check(exchange.method) || !PyUnicode_Check(exchange.name)) return false;
  nb::cast<StatisticsObject&>(nb::handle(listener.statistics))
      .counts()
      .record({.method = text_of(exchange.method, "method"),
               .name = text_of(exchange.name, "name"),
               .response_time = exchange.elapsed(),
               .response_length = exchange.length()});
  return true;
}

}  // namespace

void report(nb::handle event, nb::handle user, GreenExchange& exchange, nb::handle response) {
  const nb::object handlers = attribute(event, names().handlers);
  if (PyList_CheckExact(handlers.ptr()) && PyList_GET_SIZE(handlers.ptr()) == 1) {
    const nb::handle only = PyList_GET_ITEM(handlers.ptr(), 0);
    if (is_listener(only) && value_of<Listener>(only).needs_no_event && record(only, exchange)) return;
  }
  const nb::object fire = attribute(event, names().fire);
  if (!PyList_CheckExact(handlers.ptr()) || !PyMethod_Check(fire.ptr()) ||
      PyMethod_GET_FUNCTION(fire.ptr()) != locust().fire.ptr()) {
    checked(PyObject_VectorcallDict(fire.ptr(), nullptr, 0, meta_of(user, exchange, response).ptr()));
    return;
  }
  const nb::object all = checked(PyList_AsTuple(handlers.ptr()));  // a listener may add and remove some
  nb::object meta;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(all.ptr()); ++i) {
    const nb::handle handler = PyTuple_GET_ITEM(all.ptr(), i);
    if (record(handler, exchange)) continue;
    if (!meta.is_valid()) meta = meta_of(user, exchange, response);
    const nb::object result = nb::steal(PyObject_VectorcallDict(handler.ptr(), nullptr, 0, meta.ptr()));
    if (!result.is_valid()) locust().judge(nb::python_error().value());
  }
}

void bind_listener(nb::module_& m) {
  add_type<Listener>(m, "Listener", Py_TPFLAGS_BASETYPE,
                     {slot(Py_tp_new, new_plain<Listener>), {Py_tp_members, members}});
}

}  // namespace katydid::python
