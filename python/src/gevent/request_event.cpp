#include "python/src/gevent/request_event.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/cpython/text.hpp"
#include "python/src/engine/statistics.hpp"

#include <structmember.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace katydid::python {
namespace {

constexpr auto offset = offsetof(PlainObject<Listener>, value);
PyMemberDef members[] = {{"statistics", T_OBJECT, offset + offsetof(Listener, statistics), 0, nullptr},
                         {"needs_no_event", T_BOOL, offset + offsetof(Listener, needs_no_event), 0, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

/// The keywords of the event, in the order of what has them.
constexpr std::array keywords{"request_type", "response_time", "name", "context",        "response",
                              "exception",    "start_time",    "url",  "response_length"};

nb::object keyword_names() {
  nb::object names = checked(PyTuple_New(keywords.size()));
  for (std::size_t i = 0; i < keywords.size(); ++i)
    PyTuple_SET_ITEM(names.ptr(), static_cast<Py_ssize_t>(i), interned(keywords[i]));
  return names;
}

struct Names {
  PyObject* handlers = interned("_handlers");
  PyObject* fire = interned("fire");
  PyObject* context = interned("context");
  PyObject* keywords = keyword_names().release().ptr();
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Locust's own User.context(), which returns an empty dict; None where another function is in its place.
nb::object context_of_users() {
  const nb::object module = nb::module_::import_("locust.user.users");
  nb::object method = module.attr("User").attr("context");
  const bool own =
      PyFunction_Check(method.ptr()) && PyFunction_GET_GLOBALS(method.ptr()) == module.attr("__dict__").ptr();
  return own ? std::move(method) : nb::none();
}

/// Parts of the installed Locust, and what belongs to them.
struct Locust {
  nb::object fire = nb::module_::import_("locust.event").attr("EventHook").attr("fire");
  nb::object judge = nb::module_::import_("katydid.gevent.recording").attr("judge");
  nb::object context = context_of_users();
};

const Locust& locust() {
  static const auto& locust = *new Locust;
  return locust;
}

nb::object attribute(nb::handle object, PyObject* name) { return checked(PyObject_GetAttr(object.ptr(), name)); }

bool is_bound(const nb::object& method, const nb::object& function) {
  return PyMethod_Check(method.ptr()) && PyMethod_GET_FUNCTION(method.ptr()) == function.ptr();
}

/// `{**user.context(), **context}`
nb::object context_of(nb::handle user, const GreenExchange& exchange) {
  nb::object context;
  if (!user.is_valid() || !truth(user)) {
    if (exchange.context) return nb::borrow(exchange.context);
    return checked(PyDict_New());
  }
  context = checked(PyDict_New());
  const nb::object method = attribute(user, names().context);
  nb::object own;
  if (!is_bound(method, locust().context)) own = checked(PyObject_CallNoArgs(method.ptr()));
  for (PyObject* each : {own.ptr(), exchange.context}) {
    if (each && PyDict_Update(context.ptr(), each) != 0) throw nb::python_error();
  }
  return context;
}

double start_time(const GreenExchange& exchange) {
  const std::chrono::duration<double> ago = std::chrono::steady_clock::now() - exchange.started;
  return (std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()) - ago).count();
}

/// What listeners are called with.
class Meta {
 public:
  Meta(nb::handle user, const GreenExchange& exchange, nb::handle response) {
    const std::chrono::duration<double, std::milli> elapsed = exchange.elapsed();
    values_ = {nb::borrow(exchange.method),
               checked(PyFloat_FromDouble(elapsed.count())),
               nb::borrow(exchange.name),
               context_of(user, exchange),
               nb::borrow(response),
               nb::none(),
               checked(PyFloat_FromDouble(start_time(exchange))),
               utf8_text(value_of<Asked>(exchange.first().asked).url),
               checked(PyLong_FromSize_t(exchange.length()))};
  }

  /// An invalid object when it has raised.
  nb::object call(nb::handle listener) const {
    std::array<PyObject*, keywords.size()> values{};
    std::ranges::transform(values_, values.begin(), &nb::object::ptr);
    return nb::steal(PyObject_Vectorcall(listener.ptr(), values.data(), 0, names().keywords));
  }

 private:
  std::array<nb::object, keywords.size()> values_;
};

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
               .response_length = exchange.length(),
               .phases = exchange.previous ? nullptr : &exchange.phases()});  // of several there is no one
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
  if (!PyList_CheckExact(handlers.ptr()) || !is_bound(fire, locust().fire)) {
    if (!Meta(user, exchange, response).call(fire).is_valid()) throw nb::python_error();
    return;
  }
  const nb::object all = checked(PyList_AsTuple(handlers.ptr()));  // a listener may add and remove some
  std::optional<Meta> meta;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(all.ptr()); ++i) {
    const nb::handle handler = PyTuple_GET_ITEM(all.ptr(), i);
    if (record(handler, exchange)) continue;
    if (!meta) meta.emplace(user, exchange, response);
    if (!meta->call(handler).is_valid()) locust().judge(nb::python_error().value());
  }
}

void bind_listener(nb::module_& m) {
  add_type<Listener>(m, "Listener", Py_TPFLAGS_BASETYPE,
                     {slot(Py_tp_new, new_plain<Listener>), {Py_tp_members, members}});
}

}  // namespace katydid::python
