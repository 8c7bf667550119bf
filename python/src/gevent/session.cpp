#include "python/src/gevent/session.hpp"

#include "http/header_text.hpp"
#include "python/src/client/arrivals.hpp"
#include "python/src/client/client.hpp"
#include "python/src/cpython/type_watch.hpp"
#include "python/src/gevent/asked.hpp"
#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/composing.hpp"
#include "python/src/gevent/cookie_jar.hpp"
#include "python/src/gevent/exchange.hpp"
#include "python/src/gevent/greenlets.hpp"
#include "python/src/gevent/redirect.hpp"
#include "python/src/gevent/request_event.hpp"

#include <structmember.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace katydid::python {
namespace {

struct Session {
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&client, &hub, &plain, &request_name, &request_event, &user, &certificate}) visitor(*part);
  }

  PyObject* client = nullptr;
  PyObject* hub = nullptr;
  PyObject* plain = nullptr;  // what `_is_plain()` has said; null after every change of the session
  PyObject* request_name = nullptr;
  PyObject* request_event = nullptr;
  PyObject* user = nullptr;
  PyObject* certificate = nullptr;  // the `cert` that `_is_plain()` has seen
};

struct Names {
  PyObject* request = interned("request");
  PyObject* exchange = interned("_exchange");
  PyObject* client_here = interned("client_here");
  PyObject* interrupted = interned("_interrupted");
  PyObject* go_on = interned("_go_on");
  PyObject* by_library = interned("_by_library");
  PyObject* is_plain = interned("_is_plain");
  PyObject* watch = interned("_watch");
  PyObject* has_agent = interned("_has_agent");
  PyObject* answer_type = interned("_answer_type");
  PyObject* caught_type = interned("_caught_type");
  PyObject* most_redirects = interned("_most_redirects");
  PyObject* make = interned("_make");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

PyObject* name_of(const Session& session, const Asked& asked, const Call& call) {
  if (given(call.name)) return call.name;
  if (given(session.request_name)) return session.request_name;
  return asked.name;
}

bool has_agent(nb::handle self) { return checked(PyObject_GetAttr(self.ptr(), names().has_agent)).ptr() == Py_True; }

/// Has the session's jar take the cookies of an answer; false where Python has to.
bool keep_cookies(nb::handle self, const GreenExchange& exchange) {
  const Asked& asked = value_of<Asked>(exchange.asked);
  const bool agent = has_agent(self);
  if (!agent && asked.fields_at == 0) return false;  // a Host of its own, which requests takes for the cookies' host
  std::vector<std::string_view> values;
  for (const auto& [name, value] : exchange.response().headers()) {
    if (same_name(name, "Set-Cookie2")) return false;
    if (same_name(name, "Set-Cookie")) values.push_back(value);
  }
  const nb::object jar = checked(PyObject_GetAttr(self.ptr(), name_of_jar(agent)));
  return take_cookies(jar, asked.url, values);
}

/// An answer that needs no look by anybody else: the status is one of success, and its cookies are in the jar.
bool is_usual(nb::handle self, const GreenExchange& exchange) {
  const Response& response = exchange.response();
  if (response.status() < 200 || response.status() > 208) return false;
  return response.header("Set-Cookie").data() == nullptr || keep_cookies(self, exchange);
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
  const bool has_client = session.client && session.client != Py_None;
  hub = Greenlets::api().parent_of(Greenlets::api().current());  // of nearly all greenlets, which tells the thread, too
  if (has_client && hub.is_valid() && session.hub == hub.ptr()) return nb::borrow(session.client);
  hub = checked(PyObject_CallNoArgs(get_hub.ptr()));
  if (has_client && session.hub == hub.ptr()) return nb::borrow(session.client);
  return checked(PyObject_CallMethodNoArgs(self.ptr(), names().client_here));
}

/// A request that was sent and waited for.
struct Outcome {
  nb::object exchange;
  bool is_response = false;
  bool was_interrupted = false;
  /// The response; or the exchange, where there is more to do; or what the session's `_interrupted` has made of an
  /// exception that ended the wait.
  nb::object result;
};

Outcome wait(nb::handle self, nb::object object, nb::handle hub) {
  GreenExchange& exchange = value_of<GreenExchange>(object);
  if (!exchange.wait(hub)) {
    nb::python_error error;
    nb::object result = checked(
        PyObject_CallMethodObjArgs(self.ptr(), names().interrupted, object.ptr(), error.value().ptr(), nullptr));
    if (result.is_none()) throw error;
    return {.exchange = std::move(object), .was_interrupted = true, .result = std::move(result)};
  }
  if (!is_usual(self, exchange)) return {.exchange = object, .result = object};
  nb::object result = conclude(self, object);
  return {.exchange = std::move(object), .is_response = true, .result = std::move(result)};
}

Outcome exchange(nb::handle self, nb::handle asked, const Call& call) {
  const Session& session = value_of<Session>(self);
  nb::object hub;
  nb::object client = client_of(self, hub);
  nb::object object = make_plain<GreenExchange>(nb::cast<ClientObject&>(client), client);
  GreenExchange& exchange = value_of<GreenExchange>(object);
  exchange.session = Py_NewRef(self.ptr());
  exchange.asked = Py_NewRef(asked.ptr());
  exchange.method = Py_NewRef(call.method);
  exchange.name = Py_NewRef(name_of(session, value_of<Asked>(asked), call));
  exchange.context = Py_XNewRef(call.context);
  exchange.catches = call.catches;
  exchange.streams = call.streams;
  exchange.send(object);
  exchange.was_due_before(PoolUserObject::take_late(session.user));
  return wait(self, std::move(object), hub);
}

/// Sends what the answer of an exchange leads to: a new exchange, and the hub to wait for it in. Invalid where the
/// library has to follow.
nb::object follow(nb::handle self, nb::handle before, nb::object& hub) {
  const GreenExchange& answered = value_of<GreenExchange>(before);
  const auto redirect = Redirect::of(answered, has_agent(self));
  if (!redirect) return {};
  if (answered.response().header("Set-Cookie").data() != nullptr && !keep_cookies(self, answered)) return {};
  const nb::object asked = redirect->compose(self);
  if (!asked.is_valid()) return {};
  nb::object client = client_of(self, hub);
  nb::object object = make_plain<GreenExchange>(nb::cast<ClientObject&>(client), client);
  GreenExchange& exchange = value_of<GreenExchange>(object);
  exchange.follow(before);
  exchange.asked = Py_NewRef(asked.ptr());
  exchange.send(object);
  exchange.was_due_before(exchange.started - answered.started);
  return object;
}

/// Follows redirects for as long as the session's `_most_redirects()` says, or until there is something else to do.
void follow_all(nb::handle self, Outcome& outcome) {
  const nb::object most = checked(PyObject_CallMethodNoArgs(self.ptr(), names().most_redirects));
  long left = PyLong_AsLong(most.ptr());
  if (left == -1 && PyErr_Occurred()) throw nb::python_error();
  for (; left > 0 && !outcome.is_response && !outcome.was_interrupted; --left) {
    nb::object hub;
    nb::object following = follow(self, outcome.exchange, hub);
    if (!following.is_valid()) return;
    outcome = wait(self, std::move(following), hub);
  }
}

bool is_redirect(nb::handle exchange) { return value_of<GreenExchange>(exchange).is_redirect(); }

/// Whether nothing is set that only the library below Locust's session could do. `_is_plain()` says None where it has
/// to be asked each time, as what somebody holds may change.
bool is_plain(nb::handle self) {
  const nb::object watch = checked(PyObject_GetAttr(self.ptr(), names().watch));
  if (!nb::inst_ptr<TypeWatch>(watch)->intact()) return false;  // what the engine stands in for was replaced
  if (const PyObject* const known = value_of<Session>(self).plain; known && known != Py_None) return known == Py_True;
  const nb::object answer = checked(PyObject_CallMethodNoArgs(self.ptr(), names().is_plain));
  if (answer.is_none()) return true;
  Py_XSETREF(value_of<Session>(self).plain, Py_NewRef(answer.ptr()));
  return answer.ptr() == Py_True;
}

nb::object compose(nb::handle self, const Call& call) {
  return has_agent(self) ? compose_for_geventhttpclient(self, call) : compose_for_requests(self, call);
}

/// self.name(*leading, *values), the last ones with these keywords.
nb::object call_method(PyObject* name, std::vector<PyObject*> self_and_leading, PyObject* const* values,
                       Py_ssize_t count, PyObject* keywords) {
  auto& arguments = self_and_leading;
  const auto positional = arguments.size() + static_cast<std::size_t>(count);
  arguments.insert(arguments.end(), values, values + count + (keywords ? PyTuple_GET_SIZE(keywords) : 0));
  return checked(PyObject_VectorcallMethod(name, arguments.data(), positional, keywords));
}

/// The request composed, sent, answered and counted here; by requests or geventhttpclient where it asks for more, or
/// its answer does.
nb::object request(nb::handle self, PyObject* const* values, Py_ssize_t count, PyObject* keywords, Call& call) {
  if (count == 0 && call.take(values, keywords) && is_plain(self)) {
    if (!call.cert || call.cert == Py_None) call.cert = value_of<Session>(self).certificate;
    if (const nb::object asked = compose(self, call); asked.is_valid()) {
      Outcome outcome = exchange(self, asked, call);
      if (!outcome.is_response && !outcome.was_interrupted && call.redirects && is_redirect(outcome.exchange))
        follow_all(self, outcome);
      if (outcome.is_response) return std::move(outcome.result);
      return checked(PyObject_CallMethodObjArgs(self.ptr(), names().go_on, outcome.exchange.ptr(), outcome.result.ptr(),
                                                call.url, call.rest().ptr(), nullptr));
    }
  }
  return call_method(names().by_library, {self.ptr(), call.method, call.url}, values, count, keywords);
}

/// Session.request(method, url, **kwargs)
PyObject* request_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* keywords) noexcept {
  return guarded([&]() -> nb::object {
    Call call;
    Py_ssize_t taken = 0;
    if (count > 0) call.method = values[taken++];
    if (count > 1) call.url = values[taken++];
    if (taken < 2) return call_method(names().by_library, {self}, values, count, keywords);  // by name, or not at all
    return request(self, values + taken, count - taken, keywords, call);
  });
}

/// Whether nobody has put a request() of their own in the place of ours, in a class or in the session itself.
bool is_request_ours(PyObject* self) {
  static PyObject* const ours = PyObject_GetAttr(reinterpret_cast<PyObject*>(plain_type<Session>), names().request);
  const nb::object found = checked(PyObject_GetAttr(reinterpret_cast<PyObject*>(Py_TYPE(self)), names().request));
  if (found.ptr() != ours) return false;
  const nb::object own = instance_dict(self);
  const int contains = PyDict_Contains(own.ptr(), names().request);
  if (contains < 0) throw nb::python_error();
  return contains == 0;
}

/// Session.get(url, **kwargs) and the like: request("GET", url, **kwargs).
template <std::size_t Size>
struct Verb {
  char name[Size];
  constexpr Verb(const char (&text)[Size]) { std::copy_n(text, Size, name); }
};

template <Verb verb>
PyObject* send(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* keywords) noexcept {
  static PyObject* const method = interned(verb.name);
  return guarded([&]() -> nb::object {
    if (count == 1 && is_request_ours(self)) {
      Call call{.method = method, .url = values[0]};
      return request(self, values + 1, 0, keywords, call);
    }
    static PyObject* const of_python = PyUnicode_FromFormat("_%s", verb.name);  // Locust's method of that name
    return call_method(of_python, {self}, values, count, keywords);
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

GreenExchange& exchange_of(PyObject* object) {
  if (Py_TYPE(object) != plain_type<GreenExchange>) throw nb::type_error("an Exchange is wanted");
  return value_of<GreenExchange>(object);
}

/// Session._take_cookies(exchange)
PyObject* take_cookies_method(PyObject* self, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&]() -> nb::object {
    if (count != 1) throw nb::type_error("_take_cookies() takes an Exchange");
    return nb::bool_(keep_cookies(self, exchange_of(values[0])));
  });
}

/// Session._follow(exchange)
PyObject* follow_method(PyObject* self, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&]() -> nb::object {
    if (count != 1) throw nb::type_error("_follow() takes an Exchange");
    exchange_of(values[0]);
    nb::object hub;
    nb::object following = follow(self, values[0], hub);
    if (!following.is_valid()) return nb::none();
    if (value_of<GreenExchange>(following).wait(hub)) return following;
    nb::python_error error;
    value_of<GreenExchange>(following).cancel();
    throw error;
  });
}

/// Without the detour that a __getattr__ of Python's is for every attribute: `_make()` makes those that are made when
/// somebody looks, and raises AttributeError for others.
PyObject* get_attribute(PyObject* self, PyObject* name) noexcept {
  PyObject* const found = PyObject_GenericGetAttr(self, name);
  if (found || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
  PyErr_Clear();
  return PyObject_CallMethodOneArg(self, names().make, name);
}

/// What was known of the session need not be right any more.
int set_attribute(PyObject* self, PyObject* name, PyObject* value) noexcept {
  if (PyUnicode_CompareWithASCIIString(name, "request_name") != 0) Py_CLEAR(value_of<Session>(self).plain);
  return PyObject_GenericSetAttr(self, name, value);
}

constexpr auto offset = offsetof(PlainObject<Session>, value);
PyMemberDef members[] = {{"_client", T_OBJECT, offset + offsetof(Session, client), 0, nullptr},
                         {"_hub", T_OBJECT, offset + offsetof(Session, hub), 0, nullptr},
                         {"_plain", T_OBJECT, offset + offsetof(Session, plain), 0, nullptr},
                         {"request_name", T_OBJECT, offset + offsetof(Session, request_name), 0, nullptr},
                         {"request_event", T_OBJECT, offset + offsetof(Session, request_event), 0, nullptr},
                         {"user", T_OBJECT, offset + offsetof(Session, user), 0, nullptr},
                         {"_certificate", T_OBJECT, offset + offsetof(Session, certificate), 0, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};
PyMethodDef methods[] = {method("request", request_method, "Sends a request."),
                         method("get", send<"GET">, "Sends a GET request."),
                         method("options", send<"OPTIONS">, "Sends an OPTIONS request."),
                         method("post", send<"POST">, "Sends a POST request."),
                         method("put", send<"PUT">, "Sends a PUT request."),
                         method("patch", send<"PATCH">, "Sends a PATCH request."),
                         method("delete", send<"DELETE">, "Sends a DELETE request."),
                         method("_report", report_method),
                         method("_take_cookies", take_cookies_method),
                         method("_follow", follow_method),
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

void bind_session(nb::module_& m) {
  add_type<Session>(m, "Session", Py_TPFLAGS_BASETYPE,
                    {slot(Py_tp_new, new_plain<Session>),
                     slot(Py_tp_getattro, get_attribute),
                     slot(Py_tp_setattro, set_attribute),
                     {Py_tp_members, members},
                     {Py_tp_methods, methods}});
}

}  // namespace katydid::python
