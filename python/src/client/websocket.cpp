#include "python/src/client/websocket.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/client/listening.hpp"
#include "python/src/client/pulled_body.hpp"
#include "python/src/cpython/plain_type.hpp"
#include "python/src/cpython/seconds.hpp"
#include "python/src/cpython/text.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

namespace katydid::python {
namespace {

using Kind = WebSocketOperation::Kind;
using Seconds = std::optional<double>;

std::chrono::milliseconds limit_of(Seconds seconds) {
  if (!seconds) return {};
  if (!(*seconds > 0)) throw nb::value_error("a time limit must be a number of seconds above 0, or None");
  return time_limit(*seconds);
}

/// Client.websocket(url, *, …): a WebSocket that is not open yet.
WebSocketObject* make(nb::object client, std::string_view url, std::optional<std::string> name,
                      const std::vector<std::string>& subprotocols, nb::object headers, nb::object params,
                      nb::object cookies, const std::string& origin, bool compression, Seconds open_timeout,
                      Seconds timeout, Seconds close_timeout, Seconds ping_interval, Seconds ping_timeout,
                      std::uint64_t max_message) {
  RequestArguments arguments;
  arguments.take("headers", headers);
  arguments.take("params", params);
  arguments.take("cookies", cookies);
  const RequestOptions& request = arguments.options();
  const std::string own_name = name.value_or("");
  WebSocketOptions options{.name = own_name,
                           .headers = request.headers,
                           .params = request.params,
                           .cookies = request.cookies,
                           .origin = origin,
                           .compression = compression,
                           .open_timeout = limit_of(open_timeout),
                           .timeout = limit_of(timeout),
                           .close_timeout = limit_of(close_timeout),
                           .ping_interval = limit_of(ping_interval),
                           .ping_timeout = limit_of(ping_timeout),
                           .max_message = max_message};
  if (subprotocols.size() > options.subprotocols.size())
    throw nb::value_error("a WebSocket offers up to 4 subprotocols");
  for (std::size_t i = 0; i < subprotocols.size(); ++i) options.subprotocols[i] = subprotocols[i];
  return new WebSocketObject(std::move(client), url, options);
}

/// A str is sent as text, and bytes as they are.
void set_payload(WebSocketOperation& operation, nb::handle data) {
  if (PyUnicode_Check(data.ptr())) {
    operation.payload = text_of(data, "a message");
    return;
  }
  operation.opcode = Opcode::binary;
  operation.payload = text_of(piece_of_body(nb::borrow(data)), "a message");
}

template <class Set>
nb::object begin(nb::object socket, Kind kind, Set&& set) {
  nb::object object = make_plain<WebSocketOperationObject>(std::move(socket), kind);
  auto& operation = value_of<WebSocketOperationObject>(object);
  set(operation);
  operation.start();
  return object;
}

nb::object send(nb::object self, nb::handle data, std::optional<std::string> name) {
  return begin(std::move(self), Kind::send, [&](WebSocketOperation& operation) {
    set_payload(operation, data);
    operation.name = name.value_or("");
  });
}

nb::object ask(nb::object self, nb::handle data, std::optional<std::string> name, Seconds timeout) {
  return begin(std::move(self), Kind::ask, [&](WebSocketOperation& operation) {
    set_payload(operation, data);
    operation.name = name.value_or("");
    operation.timeout = limit_of(timeout);
  });
}

/// For receive and ping.
template <Kind kind>
nb::object within(nb::object self, Seconds timeout) {
  return begin(std::move(self), kind, [&](WebSocketOperation& operation) { operation.timeout = limit_of(timeout); });
}

nb::object close(nb::object self, int code, const std::string& reason) {
  if (code < 0 || code > 65535 || !may_be_sent(static_cast<std::uint16_t>(code)))
    throw nb::value_error("a WebSocket is not closed with that code");
  if (reason.size() > most_control_bytes - 2) throw nb::value_error("a reason for a close has up to 123 bytes");
  return begin(std::move(self), Kind::close, [&](WebSocketOperation& operation) {
    operation.code = static_cast<std::uint16_t>(code);
    operation.payload = reason;
  });
}

PyMethodDef methods[] = {method_of_one<WebSocketOperationObject, &WebSocketOperationObject::wait>("wait"),
                         method<WebSocketOperationObject, &WebSocketOperationObject::stop_waiting>("stop_waiting"),
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {property<WebSocketOperationObject, &WebSocketOperationObject::is_done>("done"),
                            property<WebSocketOperationObject, &WebSocketOperationObject::what_failed>("error"),
                            property<WebSocketOperationObject, &WebSocketOperationObject::received>("message"),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

WebSocketObject::WebSocketObject(nb::object client_object, std::string_view url, const WebSocketOptions& options)
    : client_object_(std::move(client_object)),
      client_(nb::cast<ClientObject&>(client_object_)),
      connection_(std::make_unique<WebSocketConnection>(client_.http().session(), url, options)) {}

WebSocketObject::~WebSocketObject() {
  connection_.reset();
  client_.engine().ended();
}

void WebSocketObject::leave() {
  connection_->leave();
  client_.engine().ended();
}

WebSocketOperationObject::WebSocketOperationObject(nb::object socket_object, Kind what)
    : WebSocketOperation(&nb::cast<WebSocketObject&>(socket_object).connection(), what, &on_done),
      socket_object_(std::move(socket_object)),
      socket_(nb::cast<WebSocketObject&>(socket_object_)) {}

void WebSocketOperationObject::start() {
  if (socket_.client().draining()) return;
  done_ = begin(socket_.client().context());
  socket_.client().engine().went_on();
}

void WebSocketOperationObject::on_done(WebSocketOperation& operation) {
  auto& self = static_cast<WebSocketOperationObject&>(operation);
  const nb::object keep = nb::borrow(owner_of(self)), socket = self.socket_object_;
  ClientObject& client = self.socket_.client();
  self.done_ = true;
  if (const nb::object callback = std::exchange(self.callback_, {}); callback.is_valid()) {
    if (!nb::steal(PyObject_CallNoArgs(callback.ptr())).is_valid()) client.engine().take_error(callback.ptr());
  }
  if (client.draining()) client.tell_drained();
}

void WebSocketOperationObject::stop_waiting() {
  callback_ = {};
  cancel();
  socket_.client().engine().ended();
}

nb::object WebSocketOperationObject::what_failed() const {
  raise_steering(thrown);
  return error.empty() ? nb::none() : utf8_text(error);
}

nb::object WebSocketOperationObject::received() const {
  if (!message) return nb::none();
  return message->is_text ? utf8_text(message->data) : bytes_object(message->data);
}

void bind_websocket(nb::module_& m) {
  add_type<WebSocketOperationObject>(m, "WebSocketOperation", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                     {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
  nb::class_<WebSocketObject>(m, "WebSocket")
      .def("open", [](nb::object self) { return begin(std::move(self), Kind::connect, [](WebSocketOperation&) {}); })
      .def("send", &send, nb::arg("data"), nb::arg("name").none() = nb::none())
      .def("ask", &ask, nb::arg("data"), nb::arg("name").none() = nb::none(), nb::arg("timeout").none() = nb::none())
      .def("receive", &within<Kind::receive>, nb::arg("timeout").none() = nb::none())
      .def("ping", &within<Kind::ping>, nb::arg("timeout").none() = nb::none())
      .def("close", &close, nb::arg("code") = 1000, nb::arg("reason") = "")
      .def("leave", &WebSocketObject::leave)
      .def_prop_ro("is_open", [](WebSocketObject& self) { return self.connection().is_open(); })
      .def_prop_ro("subprotocol", [](WebSocketObject& self) { return self.connection().subprotocol(); })
      .def_prop_ro("close_code", [](WebSocketObject& self) { return self.connection().close_code(); })
      .def_prop_ro("close_reason", [](WebSocketObject& self) { return self.connection().close_reason(); })
      .def_prop_ro("refused_status", [](WebSocketObject& self) { return self.connection().refused_status(); })
      .def_prop_ro("refused_body",
                   [](WebSocketObject& self) { return bytes_object(self.connection().refused_body()); });
  m.def("websocket", &make, nb::arg("client"), nb::arg("url"), nb::kw_only(), nb::arg("name").none() = nb::none(),
        nb::arg("subprotocols") = std::vector<std::string>(), nb::arg("headers").none() = nb::none(),
        nb::arg("params").none() = nb::none(), nb::arg("cookies").none() = nb::none(), nb::arg("origin") = "",
        nb::arg("compression") = false, nb::arg("open_timeout").none() = 10.0, nb::arg("timeout").none() = 60.0,
        nb::arg("close_timeout").none() = 10.0, nb::arg("ping_interval").none() = nb::none(),
        nb::arg("ping_timeout").none() = 20.0, nb::arg("max_message") = std::uint64_t{16} << 20);
}

}  // namespace katydid::python
