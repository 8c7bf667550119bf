#include "python/src/client/client.hpp"

#include "http/fast/session.hpp"
#include "net/network_options.hpp"
#include "python/src/client/arrivals.hpp"
#include "python/src/client/awaitable.hpp"
#include "python/src/client/certificates.hpp"
#include "python/src/client/cookies.hpp"
#include "python/src/client/corrected_user.hpp"
#include "python/src/client/http_version.hpp"
#include "python/src/client/renaming.hpp"
#include "python/src/client/request.hpp"
#include "python/src/client/response.hpp"
#include "python/src/client/trio_request.hpp"
#include "python/src/cpython/seconds.hpp"
#include "worker/command/printing_tracer.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace katydid::python {
namespace {

using Text = std::optional<std::string>;

std::chrono::milliseconds milliseconds_of(std::optional<double> seconds) {
  if (!seconds) return {};
  if (!(*seconds >= 0)) throw nb::value_error("a time limit must be a number of seconds from 0 up, or None");
  return time_limit(*seconds);
}

std::vector<std::pair<std::string, std::string>> header_pairs(nb::handle headers) {
  std::vector<std::pair<std::string, std::string>> out;
  if (headers.is_none()) return out;
  for (nb::handle item : pairs_of(headers)) {
    const auto pair = nb::cast<nb::sequence>(item);
    const nb::object name = pair[0], value = pair[1];
    out.emplace_back(text_of(name, "headers"), text_of(value, "headers"));
  }
  return out;
}

Recorder& no_recorder() {
  static NoRecorder recorder;
  return recorder;
}

Tracer& printing_tracer() {
  static PrintingTracer tracer;
  return tracer;
}

/// requests' `verify`, a truth value or a path, which is the authorities'; returns whether it is a path.
bool apply_verify(ClientOptions& options, nb::handle verify) {
  const nb::object path = authorities_of(verify);
  if (!path.is_valid() && !PyBool_Check(verify.ptr())) {
    throw nb::type_error("verify must be True, False or the path of a file with certificates to trust");
  }
  options.verify = path.is_valid() || verify.ptr() == Py_True;
  if (path.is_valid()) options.ca_file = view_of_path(path);
  return path.is_valid();
}

/// requests' `cert`.
void apply_cert(ClientOptions& options, nb::handle cert) {
  const ClientCertificate given = client_certificate_of(cert);
  options.client_certificate = view_of_path(given.certificate);
  options.client_key = view_of_path(given.key);
}

/// Of None, a Statistics, or what stands in its place.
Recorder& recorder_of(nb::handle statistics) {
  if (statistics.is_none()) return no_recorder();
  if (nb::isinstance<PoolUserObject>(statistics)) return nb::cast<PoolUserObject&>(statistics).recorder();
  if (nb::isinstance<CorrectedUserObject>(statistics)) return nb::cast<CorrectedUserObject&>(statistics).recorder();
  return nb::cast<StatisticsObject&>(statistics).counts();
}

struct Settings {
  nb::object headers;
  std::string base_url;
  std::optional<double> timeout, connect_timeout;
  bool verify_host = true;
  Text ca_file, client_certificate, client_key, proxy, unix_socket, user_agent;
  int max_redirects = 30;
  std::uint64_t max_body = 0;
  bool timeout_of_each_read = false;
  std::uint32_t max_connections = 0;
  bool strict = false;
  bool trace = false;
  std::string http_version;

  ClientOptions options() const {
    ClientOptions out;
    out.base_url = base_url;
    out.timeout = milliseconds_of(timeout);
    out.connect_timeout = milliseconds_of(connect_timeout);
    out.verify_host = verify_host;
    out.ca_file = ca_file.value_or("");
    out.client_certificate = client_certificate.value_or("");
    out.client_key = client_key.value_or("");
    out.proxy = proxy.value_or("");
    out.unix_socket = unix_socket.value_or("");
    out.user_agent = user_agent.value_or("");
    out.headers = header_pairs(headers);
    out.max_redirects = max_redirects;
    out.max_body = max_body;
    out.timeout_of_each_read = timeout_of_each_read;
    out.max_connections = max_connections;
    out.strict = strict;
    out.http_version = http_version_of(http_version);
    NetworkShare share = network_share(next_network_turn());
    out.source_address = std::move(share.source_address);
    out.address_turn = share.address_turn;
    if (trace) out.tracer = &printing_tracer();
    return out;
  }
};

/// Client.start(method, url, on_done, *, …): by hand, for it is called with each request.
PyObject* start(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  return guarded([&] {
    if (count != 3) throw nb::type_error("start() takes a method, a URL, a callback, and keywords");
    RequestArguments arguments;
    arguments.take_all(values + count, names);
    auto& client = *nb::inst_ptr<ClientObject>(self);
    nb::object request = make_plain<RequestObject>(client, nb::borrow(self), nb::borrow(values[2]));
    value_of<RequestObject>(request).start(request, text_of(values[0], "method"), text_of(values[1], "url"),
                                           arguments.body(), arguments.options());
    return request;
  });
}

template <class T>
nb::object ask_by(PyObject* self, std::string_view method, PyObject* url, PyObject* const* keywords, PyObject* names) {
  static const RequestOptions no_options;
  auto& client = *nb::inst_ptr<ClientObject>(self);
  const nb::object& name = client.request_name();
  nb::object request = make_plain<T>(client, nb::borrow(self));
  if (!names && !name.is_valid()) {
    value_of<T>(request).start(request, method, text_of(url, "url"), {}, no_options);
  } else {
    RequestArguments arguments;
    arguments.take_all(keywords, names);
    if (arguments.has_async_body()) return client.upload(nb::borrow(self), method, url, keywords, names);
    if (name.is_valid()) arguments.name_unless_named(text_of(name, "request_name"));
    value_of<T>(request).start(request, method, text_of(url, "url"), arguments.body(), arguments.options());
  }
  return request;
}

/// An awaitable for asyncio or Trio.
nb::object ask(PyObject* self, std::string_view method, PyObject* url, PyObject* const* keywords, PyObject* names) {
  const auto& client = *nb::inst_ptr<ClientObject>(self);
  if (client.asyncio_loop().is_valid()) return ask_by<AwaitableRequest>(self, method, url, keywords, names);
  if (client.trio()) return ask_by<TrioRequest>(self, method, url, keywords, names);
  throw std::runtime_error("this client was made for neither asyncio nor Trio");
}

/// Client.get(url, *, …) and the others.
template <const char* method>
PyObject* verb(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  return guarded([&] {
    if (count != 1) throw nb::type_error("a request takes a URL, and keywords");
    return ask(self, method, values[0], values + count, names);
  });
}

/// Client.request(method, url, *, …)
PyObject* request(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  return guarded([&] {
    if (count != 2) throw nb::type_error("request() takes a method, a URL, and keywords");
    return ask(self, text_of(values[0], "method"), values[1], values + count, names);
  });
}

constexpr char get[] = "GET", head[] = "HEAD", options[] = "OPTIONS", post[] = "POST", put[] = "PUT", patch[] = "PATCH",
               delete_[] = "DELETE";
PyMethodDef methods[] = {method("start", start),           method("request", request),
                         method("get", verb<get>),         method("head", verb<head>),
                         method("options", verb<options>), method("post", verb<post>),
                         method("put", verb<put>),         method("patch", verb<patch>),
                         method("delete", verb<delete_>),  {nullptr, nullptr, 0, nullptr}};
PyType_Slot slots[] = {{Py_tp_methods, methods}, {0, nullptr}};

void construct(ClientObject* self, nb::object engine, nb::object statistics, std::string base_url, nb::object headers,
               std::optional<double> timeout, std::optional<double> connect_timeout, nb::object verify,
               bool verify_host, Text ca_file, Text client_certificate, Text client_key, nb::object cert, Text proxy,
               Text unix_socket, Text user_agent, int max_redirects, std::uint64_t max_body, bool timeout_of_each_read,
               std::uint32_t max_connections, bool strict, bool trace, std::string http_version,
               nb::object asyncio_loop, nb::object trio, nb::object response_type, nb::object on_request) {
  const Settings settings{std::move(headers),
                          std::move(base_url),
                          timeout,
                          connect_timeout,
                          verify_host,
                          std::move(ca_file),
                          std::move(client_certificate),
                          std::move(client_key),
                          std::move(proxy),
                          std::move(unix_socket),
                          std::move(user_agent),
                          max_redirects,
                          max_body,
                          timeout_of_each_read,
                          max_connections,
                          strict,
                          trace,
                          std::move(http_version)};
  auto& native_engine = nb::cast<EngineObject&>(engine);
  Recorder& recorder = recorder_of(statistics);
  ClientOptions options = settings.options();
  if (!cert.is_none() && !options.client_certificate.empty())
    throw nb::value_error("a client certificate is given twice: by cert and by client_certificate");
  if (!cert.is_none()) apply_cert(options, cert);
  const bool has_ca_file = !options.ca_file.empty();
  const bool by_verify = apply_verify(options, verify);
  if (by_verify && has_ca_file)
    throw nb::value_error("certificates to trust are given twice: by verify and by ca_file");
  std::unique_ptr<ListeningRecorder> listening;
  if (!on_request.is_none()) listening = std::make_unique<ListeningRecorder>(recorder, std::move(on_request));
  new (self) ClientObject(native_engine, engine, recorder, statistics, std::move(options), std::move(listening));
  self->set_trusts_by_verify(by_verify);
  if (!asyncio_loop.is_none()) self->set_asyncio_loop(std::move(asyncio_loop));
  if (!trio.is_none()) self->set_trio(std::move(trio));
  if (!response_type.is_none()) self->set_response_type(std::move(response_type));
}

/// Changes settings, from the next request on.
template <class Change>
void change(ClientObject& client, Change&& make) {
  ClientOptions options = client.options();
  make(options);
  client.set_options(std::move(options));
}

/// A setting that is the same in both languages.
template <auto Member>
void bind_setting(nb::class_<ClientObject>& type, const char* name) {
  using T = std::remove_cvref_t<decltype(std::declval<ClientOptions>().*Member)>;
  type.def_prop_rw(
      name, [](const ClientObject& self) { return self.options().*Member; },
      [](ClientObject& self, const T& value) {
        change(self, [&](ClientOptions& options) { options.*Member = value; });
      });
}

template <auto Member>
void bind_time_limit(nb::class_<ClientObject>& type, const char* name) {
  type.def_prop_rw(
      name,
      [](const ClientObject& self) -> std::optional<double> {
        const auto limit = self.options().*Member;
        if (limit.count() == 0) return std::nullopt;
        return std::chrono::duration<double>(limit).count();
      },
      [](ClientObject& self, std::optional<double> value) {
        change(self, [&](ClientOptions& options) { options.*Member = milliseconds_of(value); });
      },
      nb::for_setter(nb::arg("value").none()));
}

nb::object path_text(const std::string& path) {
  return checked(PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size())));
}

void bind_certificates(nb::class_<ClientObject>& type) {
  type.def_prop_rw(
      "verify",
      [](const ClientObject& self) -> nb::object {
        const bool shows_path = self.options().verify && self.trusts_by_verify();
        return shows_path ? path_text(self.options().ca_file) : nb::cast(self.options().verify);
      },
      [](ClientObject& self, nb::object value) {
        bool by_verify = self.trusts_by_verify();
        change(self, [&](ClientOptions& options) {
          const bool was_by_verify = std::exchange(by_verify, apply_verify(options, value));
          if (was_by_verify && !by_verify) options.ca_file.clear();
        });
        self.set_trusts_by_verify(by_verify);
      });
  type.def_prop_rw(
      "ca_file", [](const ClientObject& self) { return self.options().ca_file; },
      [](ClientObject& self, const std::string& value) {
        change(self, [&](ClientOptions& options) { options.ca_file = value; });
        self.set_trusts_by_verify(false);
      });
  type.def_prop_rw(
      "cert",
      [](const ClientObject& self) -> nb::object {
        const ClientOptions& options = self.options();
        if (options.client_certificate.empty()) return nb::none();
        if (options.client_key.empty()) return path_text(options.client_certificate);
        return nb::make_tuple(path_text(options.client_certificate), path_text(options.client_key));
      },
      [](ClientObject& self, nb::object value) {
        change(self, [&](ClientOptions& options) { apply_cert(options, value); });
      },
      nb::for_setter(nb::arg("value").none()));
}

void bind_settings(nb::class_<ClientObject>& type) {
  bind_setting<&ClientOptions::base_url>(type, "base_url");
  bind_setting<&ClientOptions::verify_host>(type, "verify_host");
  bind_setting<&ClientOptions::client_certificate>(type, "client_certificate");
  bind_setting<&ClientOptions::client_key>(type, "client_key");
  bind_setting<&ClientOptions::proxy>(type, "proxy");
  bind_setting<&ClientOptions::unix_socket>(type, "unix_socket");
  bind_setting<&ClientOptions::user_agent>(type, "user_agent");
  bind_setting<&ClientOptions::max_redirects>(type, "max_redirects");
  bind_setting<&ClientOptions::max_connections>(type, "max_connections");
  bind_setting<&ClientOptions::share_connections>(type, "share_connections");
  type.def_prop_rw(
      "http_version", [](const ClientObject& self) { return text_of(self.options().http_version); },
      [](ClientObject& self, std::string_view text) {
        change(self, [&](ClientOptions& options) { options.http_version = http_version_of(text); });
      });
  bind_time_limit<&ClientOptions::timeout>(type, "timeout");
  bind_time_limit<&ClientOptions::connect_timeout>(type, "connect_timeout");
  type.def_prop_rw(
      "headers",
      [](nb::handle self) {
        nb::list pairs;
        for (const auto& [name, value] : nb::cast<const ClientObject&>(self).options().headers)
          pairs.append(nb::make_tuple(name, value));
        return nb::module_::import_("katydid.client").attr("ClientHeaders")(self, pairs);
      },
      [](ClientObject& self, nb::object headers) {
        change(self, [&](ClientOptions& options) { options.headers = header_pairs(headers); });
      },
      nb::for_setter(nb::arg("value").none()));
}

}  // namespace

void ClientObject::set_asyncio_loop(nb::object loop) {
  get_asyncio_loop_ = getter_of(loop);
  done_future_ = nb::module_::import_("asyncio").attr("Future")(nb::arg("loop") = loop);
  done_future_.attr("set_result")(nb::none());
  asyncio_loop_ = std::move(loop);
}

void ClientObject::set_trio(nb::object object) {
  trio_ = &nb::cast<Trio&>(object);
  trio_object_ = std::move(object);
}

void ClientObject::set_response_type(nb::object type) {
  if (!PyType_Check(type.ptr()) ||
      !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type.ptr()), plain_type<ResponseObject>))
    throw nb::type_error("response_type must be a class derived from Response");
  response_type_ = std::move(type);
}

nb::object ClientObject::upload(nb::object self, std::string_view method, nb::handle url, PyObject* const* values,
                                PyObject* names) const {
  if (!response_type_.is_valid()) throw nb::type_error("an async iterator needs the client of a user");
  nb::dict options;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i)
    options[nb::handle(PyTuple_GET_ITEM(names, i))] = nb::borrow(values[i]);
  return nb::module_::import_("katydid.uploads")
      .attr("AsyncUpload")(std::move(self), response_type_, nb::str(method.data(), method.size()), url, options);
}

void ClientObject::set_request_name(nb::object name) {
  const bool none = name.is_none() || text_of(name, "request_name").empty();
  request_name_ = none ? nb::object() : std::move(name);
}

void ClientObject::drain(nb::object on_drained) {
  draining_ = true;
  on_drained_ = std::move(on_drained);
  tell_drained();
}

void ClientObject::resume() {
  draining_ = false;
  on_drained_ = {};
}

void ClientObject::close_idle() {
  http_.session().close_idle();
  engine_.ended();  // tells the kernel, also where nothing else would turn the loop
}

void ClientObject::tell_drained() {
  if (!on_drained_.is_valid() || context_.requests_in_flight > 0) return;
  const nb::object callback = std::exchange(on_drained_, {});
  if (const nb::object result = nb::steal(PyObject_CallNoArgs(callback.ptr())); !result.is_valid())
    engine_.take_error(callback.ptr());
}

nb::object ClientObject::make_response(Response response, const nb::object& self) const {
  const bool judged_later = !response.is_recorded(), is_stream = response.stream() != nullptr;
  PyTypeObject* const type =
      response_type_.is_valid() ? reinterpret_cast<PyTypeObject*>(response_type_.ptr()) : plain_type<ResponseObject>;
  return make_plain_as<ResponseObject>(type, std::move(response), judged_later || is_stream ? self : nb::object());
}

void bind_client(nb::module_& m) {
  nb::class_<ClientObject> type(m, "Client", nb::type_slots(slots));
  type.def("__init__", &construct, nb::arg("engine"), nb::arg("statistics").none(), nb::arg("base_url") = "",
           nb::kw_only(), nb::arg("headers").none() = nb::none(), nb::arg("timeout").none() = 60.0,
           nb::arg("connect_timeout").none() = 60.0, nb::arg("verify") = nb::bool_(true), nb::arg("verify_host") = true,
           nb::arg("ca_file").none() = nb::none(), nb::arg("client_certificate").none() = nb::none(),
           nb::arg("client_key").none() = nb::none(), nb::arg("cert").none() = nb::none(),
           nb::arg("proxy").none() = nb::none(), nb::arg("unix_socket").none() = nb::none(),
           nb::arg("user_agent").none() = nb::none(), nb::arg("max_redirects") = 30,
           nb::arg("max_body") = std::uint64_t{1} << 30, nb::arg("timeout_of_each_read") = false,
           nb::arg("max_connections") = 0, nb::arg("strict") = false, nb::arg("trace") = false,
           nb::arg("http_version") = "1.1", nb::arg("asyncio_loop").none() = nb::none(),
           nb::arg("trio").none() = nb::none(), nb::arg("response_type").none() = nb::none(),
           nb::arg("on_request").none() = nb::none())
      .def_prop_ro("engine", [](const ClientObject& self) { return self.engine_object(); })
      .def_prop_ro("response_type", [](const ClientObject& self) { return self.response_type(); })
      .def_prop_ro("cookies", [](nb::object self) { return Cookies{std::move(self)}; })
      .def_prop_ro("in_flight", &ClientObject::in_flight)
      .def_prop_rw("user_class", &ClientObject::user_class, &ClientObject::set_user_class)
      .def_prop_rw(
          "request_name",
          [](const ClientObject& self) { return self.request_name().is_valid() ? self.request_name() : nb::none(); },
          &ClientObject::set_request_name, nb::for_setter(nb::arg("value").none()))
      .def("rename_request", &rename_request, nb::arg("name").none())
      .def("drain", &ClientObject::drain, nb::arg("on_drained"))
      .def("resume", &ClientObject::resume)
      .def("close_idle", &ClientObject::close_idle);
  bind_settings(type);
  bind_certificates(type);
}

}  // namespace katydid::python
