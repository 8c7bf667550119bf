#include "python/src/gevent/exchange.hpp"

#include "http/redirect.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/client/response.hpp"
#include "python/src/gevent/greenlets.hpp"

#include <structmember.h>

#include <chrono>
#include <cstddef>
#include <utility>

namespace katydid::python {
namespace {

GreenExchange& native(PyObject* self) { return value_of<GreenExchange>(self); }

PyObject* reference(PyObject* object) { return Py_NewRef(object ? object : Py_None); }

PyObject* cancel(PyObject* self, PyObject*) noexcept {
  return guarded([&] {
    native(self).cancel();
    return nb::none();
  });
}

PyObject* hand_over(PyObject* self, PyObject* callback) noexcept {
  native(self).hand_over(nb::borrow(callback));
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"cancel", cancel, METH_NOARGS, nullptr},
                         {"hand_over", hand_over, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

template <PyObject* GreenExchange::*Member>
PyObject* get_part(PyObject* self, void*) noexcept {
  return reference(native(self).*Member);
}
PyObject* get_answer(PyObject* self, void*) noexcept {
  return guarded([&] { return native(self).answer(); });
}
PyObject* get_status(PyObject* self, void*) noexcept { return PyLong_FromLong(native(self).status()); }
PyObject* get_length(PyObject* self, void*) noexcept { return PyLong_FromSize_t(native(self).length()); }
PyObject* get_milliseconds(PyObject* self, void*) noexcept {
  return PyFloat_FromDouble(std::chrono::duration<double, std::milli>(native(self).elapsed()).count());
}
PyObject* get_started(PyObject* self, void*) noexcept {
  return PyFloat_FromDouble(std::chrono::duration<double>(native(self).started.time_since_epoch()).count());
}
PyObject* get_catches(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).catches); }
PyObject* get_streams(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).streams); }
PyObject* get_is_redirect(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).is_redirect()); }
PyObject* get_first(PyObject* self, void*) noexcept {
  // Those in a PlainObject are not const.
  return reference(owner_of(const_cast<GreenExchange&>(native(self).first())).ptr());
}
PyObject* get_under_way(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).under_way()); }
PyObject* get_waits(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).waits()); }

PyGetSetDef attributes[] = {{"session", get_part<&GreenExchange::session>, nullptr, nullptr, nullptr},
                            {"asked", get_part<&GreenExchange::asked>, nullptr, nullptr, nullptr},
                            {"method", get_part<&GreenExchange::method>, nullptr, nullptr, nullptr},
                            {"name", get_part<&GreenExchange::name>, nullptr, nullptr, nullptr},
                            {"context", get_part<&GreenExchange::context>, nullptr, nullptr, nullptr},
                            {"previous", get_part<&GreenExchange::previous>, nullptr, nullptr, nullptr},
                            {"first", get_first, nullptr, nullptr, nullptr},
                            {"is_redirect", get_is_redirect, nullptr, nullptr, nullptr},
                            {"streams", get_streams, nullptr, nullptr, nullptr},
                            {"answer", get_answer, nullptr, nullptr, nullptr},
                            {"status", get_status, nullptr, nullptr, nullptr},
                            {"length", get_length, nullptr, nullptr, nullptr},
                            {"milliseconds", get_milliseconds, nullptr, nullptr, nullptr},
                            {"started", get_started, nullptr, nullptr, nullptr},
                            {"catches", get_catches, nullptr, nullptr, nullptr},
                            {"under_way", get_under_way, nullptr, nullptr, nullptr},
                            {"waits", get_waits, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

void GreenExchange::send(nb::object self) {
  const Asked& what = value_of<Asked>(asked);
  started = std::chrono::steady_clock::now();
  RequestOptions options{.composed_head = what.head,
                         .timeout = what.timeout,
                         .connect_timeout = what.connect_timeout,
                         .verify = what.verify,
                         .stream = streams,
                         .decodes = !streams};
  if (what.certificates) {
    options.ca_file = what.certificates->ca_file;
    options.client_certificate = what.certificates->client_certificate;
    options.client_key = what.certificates->client_key;
  }
  start(std::move(self), what.method, what.sent_url(), Body(std::string_view(what.body)), options);
}

bool GreenExchange::wait(nb::handle hub) {
  static PyObject* const switch_ = interned("switch");
  Py_XSETREF(waiting_, Greenlets::api().current().release().ptr());
  while (!done_) {
    // Through the hub's own switch(), which refuses to wait in the hub itself.
    const nb::object result = nb::steal(PyObject_CallMethodNoArgs(hub.ptr(), switch_));
    if (result.is_valid()) continue;
    Py_CLEAR(waiting_);
    return false;
  }
  return true;
}

void GreenExchange::hand_over(nb::object callback) {
  if (under_way()) Py_XSETREF(callback_, callback.release().ptr());
}

/// Locust tells its own listeners, so nothing is raised here.
void GreenExchange::finish(Response response, nb::object) {
  response_ = std::move(response);
  status_ = response_.status();
  length_ = response_.length();
  elapsed_ = response_.elapsed() + late_;
  phases_ = response_.phases();
  done_ = true;
  if (const nb::object callback = nb::steal(std::exchange(callback_, nullptr)); callback.is_valid())
    return call(callback, owner_of(*this));
  const nb::object greenlet = nb::steal(std::exchange(waiting_, nullptr));
  if (greenlet.is_valid() && !Greenlets::api().switch_to(greenlet).is_valid())
    client().engine().take_error(greenlet.ptr());
}

nb::object GreenExchange::answer() {
  if (!done_) throw std::logic_error("there is no answer yet");
  if (!answer_) answer_ = object_of(std::move(response_)).release().ptr();
  return nb::borrow(answer_);
}

bool GreenExchange::is_redirect() const {
  return katydid::is_redirect(status_) && !response().header("Location").empty();
}

const GreenExchange& GreenExchange::first() const {
  const GreenExchange* exchange = this;
  while (exchange->previous) exchange = &value_of<GreenExchange>(exchange->previous);
  return *exchange;
}

void GreenExchange::follow(nb::handle before) {
  const GreenExchange& exchange = value_of<GreenExchange>(before);
  session = Py_XNewRef(exchange.session);
  method = Py_XNewRef(exchange.method);
  name = Py_XNewRef(exchange.name);
  context = Py_XNewRef(exchange.context);
  previous = Py_NewRef(before.ptr());
  catches = exchange.catches;
}

const Response& GreenExchange::response() const {
  return answer_ ? value_of<ResponseObject>(answer_).response() : response_;
}

void bind_exchange(nb::module_& m) {
  add_type<GreenExchange>(m, "Exchange", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                          {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
