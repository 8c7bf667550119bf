#include "python/src/gevent/session.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/client/client.hpp"
#include "python/src/gevent/exchange.hpp"
#include "python/src/gevent/request_event.hpp"

#include <structmember.h>

#include <array>
#include <cstddef>
#include <vector>

namespace katydid::python {
namespace {

struct Session {
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&client, &hub, &ready, &request_name, &request_event, &user}) visitor(*part);
  }

  PyObject* client = nullptr;
  PyObject* hub = nullptr;
  PyObject* ready = nullptr;  // {URL as it is given: Asked} of plain GETs; set to None by every change of the session
  PyObject* request_name = nullptr;
  PyObject* request_event = nullptr;
  PyObject* user = nullptr;
};

struct Names {
  PyObject* get = interned("GET");
  PyObject* request = interned("request");
  PyObject* name = interned("name");
  PyObject* context = interned("context");
  PyObject* catch_response = interned("catch_response");
  PyObject* allow_redirects = interned("allow_redirects");
  PyObject* exchange = interned("_exchange");
  PyObject* client_here = interned("client_here");
  PyObject* interrupted = interned("_interrupted");
  PyObject* go_on = interned("_go_on");
  PyObject* answer_type = interned("_answer_type");
  PyObject* caught_type = interned("_caught_type");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// What else a request was called with.
struct Manner {
  PyObject* name = nullptr;
  PyObject* context = nullptr;
  bool catches = false;
  bool redirects = true;

  /// False when there is something more to it.
  bool take(PyObject* const* values, PyObject* keywords) {
    const Py_ssize_t size = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    for (Py_ssize_t i = 0; i < size; ++i) {
      PyObject* const keyword = PyTuple_GET_ITEM(keywords, i);
      if (keyword == names().name) {
        name = values[i];
      } else if (keyword == names().catch_response) {
        catches = truth(values[i]);
      } else if (keyword == names().context) {
        context = values[i];
      } else if (keyword == names().allow_redirects) {
        redirects = truth(values[i]);
      } else {
        return false;
      }
    }
    return true;
  }
};

PyObject* name_of(const Session& session, const Asked& asked, const Manner& manner) {
  if (manner.name && manner.name != Py_None && truth(manner.name)) return manner.name;
  if (session.request_name && session.request_name != Py_None && truth(session.request_name))
    return session.request_name;
  return asked.name;
}

/// An answer that needs no look by anybody else: the status is one of success, and there are no cookies.
bool is_usual(const Response& response) {
  return response.status() >= 200 && response.status() <= 208 && response.header("Set-Cookie").data() == nullptr;
}

nb::object response_of(nb::handle self, const GreenExchange& exchange, nb::handle object) {
  PyObject* const name = exchange.catches ? names().caught_type : names().answer_type;
  const nb::object type = checked(PyObject_GetAttr(self.ptr(), name));
  auto* const python_type = reinterpret_cast<PyTypeObject*>(type.ptr());
  nb::object response = checked(python_type->tp_alloc(python_type, 0));
  if (PyObject_SetAttr(response.ptr(), names().exchange, object.ptr()) != 0) throw nb::python_error();
  return response;
}

/// Makes the response of an exchange that went well, and reports it unless the task judges it.
nb::object conclude(nb::handle self, nb::handle object) {
  const Session& session = value_of<Session>(self);
  GreenExchange& exchange = value_of<GreenExchange>(object);
  nb::object response = response_of(self, exchange, object);
  if (!exchange.catches) report(session.request_event, session.user, exchange, response);
  return response;
}

/// A client that belongs to the hub of this thread.
nb::object client_of(nb::handle self, nb::object& hub) {
  static const nb::object& get_hub = *new nb::object(nb::module_::import_("gevent").attr("get_hub"));
  const Session& session = value_of<Session>(self);
  hub = checked(PyObject_CallNoArgs(get_hub.ptr()));
  if (session.client && session.client != Py_None && session.hub == hub.ptr()) return nb::borrow(session.client);
  return checked(PyObject_CallMethodNoArgs(self.ptr(), names().client_here));
}

/// A request that was sent and waited for.
struct Outcome {
  nb::object exchange;
  bool is_response = false;
  /// The response; or the exchange, where there is more to do; or what the session's `_interrupted` has made of an
  /// exception that ended the wait.
  nb::object result;
};

Outcome exchange(nb::handle self, nb::handle asked, nb::handle method, const Manner& manner) {
  const Session& session = value_of<Session>(self);
  nb::object hub;
  nb::object client = client_of(self, hub);
  nb::object object = make_plain<GreenExchange>(nb::cast<ClientObject&>(client), client);
  GreenExchange& exchange = value_of<GreenExchange>(object);
  exchange.session = Py_NewRef(self.ptr());
  exchange.asked = Py_NewRef(asked.ptr());
  exchange.method = Py_NewRef(method.ptr());
  exchange.name = Py_NewRef(name_of(session, value_of<Asked>(asked), manner));
  exchange.context = Py_XNewRef(manner.context);
  exchange.catches = manner.catches;
  exchange.send(object);
  if (!exchange.wait(hub)) {
    nb::python_error error;
    nb::object result = checked(
        PyObject_CallMethodObjArgs(self.ptr(), names().interrupted, object.ptr(), error.value().ptr(), nullptr));
    if (result.is_none()) throw error;
    return {std::move(object), false, std::move(result)};
  }
  if (!is_usual(exchange.response())) return {object, false, object};
  nb::object result = conclude(self, object);
  return {std::move(object), true, std::move(result)};
}

/// Session._exchange(asked, method, name, context, catch_response)
PyObject* exchange_method(PyObject* self, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&] {
    if (count != 5 || Py_TYPE(values[0]) != plain_type<Asked>)
      throw nb::type_error("_exchange() takes an Asked and more");
    const Manner manner{.name = values[2], .context = values[3], .catches = truth(values[4])};
    return exchange(self, values[0], values[1], manner).result;
  });
}

/// Session._report(exchange, response): of one that went well.
PyObject* report_method(PyObject* self, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&] {
    if (count != 2 || Py_TYPE(values[0]) != plain_type<GreenExchange>)
      throw nb::type_error("_report() takes an Exchange and more");
    const Session& session = value_of<Session>(self);
    report(session.request_event, session.user, value_of<GreenExchange>(values[0]), values[1]);
    return nb::none();
  });
}

/// The request with this URL that is ready; invalid where there is none.
nb::object ready_for(const Session& session, PyObject* url) {
  if (!session.ready || !PyDict_CheckExact(session.ready) || !PyUnicode_CheckExact(url)) return {};
  nb::object asked = nb::borrow(PyDict_GetItemWithError(session.ready, url));
  if (!asked.is_valid() && PyErr_Occurred()) throw nb::python_error();
  return asked;
}

/// Session.get(url, **kwargs): the request with this URL that is ready, or request("GET", url, **kwargs).
PyObject* get(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* keywords) noexcept {
  return guarded([&] {
    const nb::object asked = count == 1 ? ready_for(value_of<Session>(self), values[0]) : nb::object();
    Manner manner;
    if (asked.is_valid() && manner.take(values + 1, keywords)) {
      Outcome outcome = exchange(self, asked, names().get, manner);
      if (outcome.is_response) return std::move(outcome.result);
      return checked(PyObject_CallMethodObjArgs(self, names().go_on, outcome.exchange.ptr(), outcome.result.ptr(),
                                                values[0], manner.redirects ? Py_True : Py_False, nullptr));
    }
    const Py_ssize_t keyword_count = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    std::vector<PyObject*> arguments{self, names().get};
    arguments.insert(arguments.end(), values, values + count + keyword_count);
    return checked(
        PyObject_VectorcallMethod(names().request, arguments.data(), static_cast<std::size_t>(count) + 2, keywords));
  });
}

/// A request that was ready need not be right any more.
int set_attribute(PyObject* self, PyObject* name, PyObject* value) noexcept {
  if (PyUnicode_CompareWithASCIIString(name, "request_name") != 0) Py_CLEAR(value_of<Session>(self).ready);
  return PyObject_GenericSetAttr(self, name, value);
}

constexpr auto offset = offsetof(PlainObject<Session>, value);
PyMemberDef members[] = {{"_client", T_OBJECT, offset + offsetof(Session, client), 0, nullptr},
                         {"_hub", T_OBJECT, offset + offsetof(Session, hub), 0, nullptr},
                         {"_ready", T_OBJECT, offset + offsetof(Session, ready), 0, nullptr},
                         {"request_name", T_OBJECT, offset + offsetof(Session, request_name), 0, nullptr},
                         {"request_event", T_OBJECT, offset + offsetof(Session, request_event), 0, nullptr},
                         {"user", T_OBJECT, offset + offsetof(Session, user), 0, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};
PyMethodDef methods[] = {method("get", get, "Sends a GET request."),
                         method("_exchange", exchange_method),
                         method("_report", report_method),
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

void bind_session(nb::module_& m) {
  add_type<Session>(m, "Session", Py_TPFLAGS_BASETYPE,
                    {slot(Py_tp_new, new_plain<Session>),
                     slot(Py_tp_setattro, set_attribute),
                     {Py_tp_members, members},
                     {Py_tp_methods, methods}});
}

}  // namespace katydid::python
