#include "python/src/client/grpc.hpp"

#include "python/src/client/listening.hpp"
#include "python/src/client/pulled_body.hpp"
#include "python/src/cpython/plain_type.hpp"
#include "python/src/cpython/seconds.hpp"
#include "python/src/cpython/text.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace katydid::python {
namespace {

using Kind = GrpcOperation::Kind;

std::string bytes_of(nb::handle data, const char* what) {
  if (const auto text = utf8_of(data)) return std::string(*text);
  return std::string(text_of(piece_of_body(nb::borrow(data)), what));
}

/// (key, value) pairs; a value is a str, or bytes.
GrpcMetadata metadata_of(nb::handle pairs) {
  GrpcMetadata metadata;
  if (pairs.is_none()) return metadata;
  for (const nb::handle pair : pairs) {
    const nb::object key = pair[0], value = pair[1];
    metadata.emplace_back(bytes_of(key, "a key of metadata"), bytes_of(value, "a value of metadata"));
  }
  return metadata;
}

nb::object pairs_of(const GrpcMetadata& metadata) {
  nb::list pairs;
  for (const auto& [key, value] : metadata)
    pairs.append(nb::make_tuple(utf8_text(key), key.ends_with("-bin") ? bytes_object(value) : utf8_text(value)));
  return nb::tuple(pairs);
}

/// grpc_call(client, method, *, …): nothing happens before its first operation.
GrpcCallObject* make(nb::object client, std::string_view method, bool streams_requests, bool streams_replies,
                     nb::object request, nb::object metadata, std::optional<double> timeout, bool compression,
                     std::uint64_t max_message) {
  GrpcOptions options{.compression = compression, .max_message = max_message};
  if (timeout) options.timeout = *timeout > 0 ? time_limit(*timeout) : std::chrono::milliseconds(1);
  const GrpcCall::Shape shape{.streams_requests = streams_requests, .streams_replies = streams_replies};
  FastSession& session = nb::cast<ClientObject&>(client).http().session();
  auto call = std::make_shared<GrpcCallObject::Call>(session, method, shape, options, metadata_of(metadata));
  if (!streams_requests) {
    const std::string bytes = bytes_of(request, "a request");
    call->set_request([&](std::string& out) { out.append(bytes); });
  }
  return new GrpcCallObject(std::move(client), std::move(call));
}

nb::object begin(nb::object self, Kind kind, std::string payload = {}) {
  nb::object object = make_plain<GrpcOperationObject>(std::move(self), kind);
  auto& operation = value_of<GrpcOperationObject>(object);
  operation.payload = std::move(payload);
  operation.start();
  return object;
}

template <Kind kind>
nb::object begin_kind(nb::object self) {
  return begin(std::move(self), kind);
}

nb::object write(nb::object self, nb::handle data) {
  const std::string bytes = bytes_of(data, "a request");
  std::string framed = nb::cast<GrpcCallObject&>(self).call()->framed([&](std::string& out) { out.append(bytes); });
  return begin(std::move(self), Kind::write, std::move(framed));
}

PyMethodDef methods[] = {method_of_one<GrpcOperationObject, &GrpcOperationObject::wait>("wait"),
                         method<GrpcOperationObject, &GrpcOperationObject::stop_waiting>("stop_waiting"),
                         method<GrpcOperationObject, &GrpcOperationObject::take_message>("take_message"),
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {property<GrpcOperationObject, &GrpcOperationObject::is_done>("done"),
                            property<GrpcOperationObject, &GrpcOperationObject::is_success>("success"),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

GrpcCallObject::GrpcCallObject(nb::object client_object, std::shared_ptr<Call> call)
    : client_object_(std::move(client_object)),
      client_(nb::cast<ClientObject&>(client_object_)),
      call_(std::move(call)) {}

GrpcCallObject::~GrpcCallObject() {
  client_.draining() ? call_->cut_off() : call_->leave();
  client_.engine().ended();
}

void GrpcCallObject::cancel() {
  call_->cancel();
  client_.engine().ended();
}

void GrpcCallObject::cut_off() {
  call_->cut_off();
  client_.engine().ended();
}

void GrpcCallObject::writes_done() {
  call_->writes_done();
  client_.engine().went_on();
}

void GrpcCallObject::steer() { raise_steering(call_->take_thrown()); }

GrpcOperationObject::GrpcOperationObject(nb::object call_object, Kind what)
    : GrpcOperation(nb::cast<GrpcCallObject&>(call_object).call(), what, &on_done),
      call_object_(std::move(call_object)),
      owner_(nb::cast<GrpcCallObject&>(call_object_)) {}

void GrpcOperationObject::start() {
  if (owner_.client().draining()) return;
  done_ = begin(owner_.client().context());
  owner_.client().engine().went_on();
}

void GrpcOperationObject::on_done(GrpcOperation& operation) {
  auto& self = static_cast<GrpcOperationObject&>(operation);
  const nb::object keep = nb::borrow(owner_of(self)), call = self.call_object_;
  ClientObject& client = self.owner_.client();
  self.done_ = true;
  if (const nb::object callback = std::exchange(self.callback_, {}); callback.is_valid()) {
    if (!nb::steal(PyObject_CallNoArgs(callback.ptr())).is_valid()) client.engine().take_error(callback.ptr());
  }
  if (client.draining()) client.tell_drained();
}

void GrpcOperationObject::stop_waiting() {
  callback_ = {};
  cancel();
  owner_.client().engine().ended();
}

nb::object GrpcOperationObject::take_message() {
  auto& typed = *owner_.call();
  if (kind == Kind::read) return success ? bytes_object(typed.next()) : nb::none();
  return typed.is_over() && typed.status().ok() ? bytes_object(typed.only()) : nb::none();
}

void bind_grpc(nb::module_& m) {
  add_type<GrpcOperationObject>(m, "GrpcOperation", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
  nb::class_<GrpcCallObject>(m, "GrpcCall")
      .def("end", &begin_kind<Kind::end>)
      .def("over", &begin_kind<Kind::over>)
      .def("head", &begin_kind<Kind::head>)
      .def("read", &begin_kind<Kind::read>)
      .def("write", &write, nb::arg("data"))
      .def("writes_done", &GrpcCallObject::writes_done)
      .def("steer", &GrpcCallObject::steer)
      .def("cancel", &GrpcCallObject::cancel)
      .def("cut_off", &GrpcCallObject::cut_off)
      .def_prop_ro("is_over", [](GrpcCallObject& self) { return self.call()->is_over(); })
      .def_prop_ro("code", [](GrpcCallObject& self) { return static_cast<int>(self.call()->status().code); })
      .def_prop_ro("details", [](GrpcCallObject& self) { return utf8_text(self.call()->status().message); })
      .def_prop_ro("initial_metadata", [](GrpcCallObject& self) { return pairs_of(self.call()->initial_metadata()); })
      .def_prop_ro("trailing_metadata",
                   [](GrpcCallObject& self) { return pairs_of(self.call()->trailing_metadata()); });
  m.def("grpc_call", &make, nb::arg("client"), nb::arg("method"), nb::kw_only(), nb::arg("streams_requests") = false,
        nb::arg("streams_replies") = false, nb::arg("request").none() = nb::none(),
        nb::arg("metadata").none() = nb::none(), nb::arg("timeout").none() = nb::none(), nb::arg("compression") = false,
        nb::arg("max_message") = std::uint64_t{4} << 20);
}

}  // namespace katydid::python
