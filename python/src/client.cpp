#include "python/src/client.hpp"

#include "http/url.hpp"
#include "python/src/request.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace katydid::python {
namespace {

using Text = std::optional<std::string>;

std::chrono::milliseconds milliseconds_of(std::optional<double> seconds) {
  if (!seconds) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(*seconds));
}

std::vector<std::pair<std::string, std::string>> header_pairs(nb::handle headers) {
  std::vector<std::pair<std::string, std::string>> out;
  if (headers.is_none()) return out;
  const nb::object items = PyDict_Check(headers.ptr()) ? headers.attr("items")() : nb::borrow(headers);
  for (nb::handle item : items) {
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

struct Settings {
  nb::object headers;
  std::string base_url;
  std::optional<double> timeout, connect_timeout;
  bool verify = true;
  Text ca_file, client_certificate, client_key, unix_socket, user_agent;
  int max_redirects = 30;
  std::uint64_t max_body = 0;

  ClientOptions options() const {
    ClientOptions out;
    out.base_url = base_url;
    out.timeout = milliseconds_of(timeout);
    out.connect_timeout = milliseconds_of(connect_timeout);
    out.verify = verify;
    out.ca_file = ca_file.value_or("");
    out.client_certificate = client_certificate.value_or("");
    out.client_key = client_key.value_or("");
    out.unix_socket = unix_socket.value_or("");
    out.user_agent = user_agent.value_or("");
    out.headers = header_pairs(headers);
    out.max_redirects = max_redirects;
    out.max_body = max_body;
    return out;
  }
};

/// Client.start(method, url, on_done, *, …): by hand, for it is called with each request.
PyObject* start(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  try {
    if (count != 3) throw nb::type_error("start() takes a method, a URL, a callback, and keywords");
    auto& client = *nb::inst_ptr<ClientObject>(self);
    RequestArguments arguments;
    arguments.take_all(values + count, names);
    nb::object request = make_request(client, nb::borrow(self), nb::borrow(values[2]));
    nb::inst_ptr<RequestObject>(request)->start(request, text_of(values[0], "method"), text_of(values[1], "url"),
                                                arguments);
    return request.release().ptr();
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const nb::builtin_exception& error) {
    PyErr_SetString(error.type() == nb::exception_type::value_error ? PyExc_ValueError : PyExc_TypeError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

PyMethodDef methods[] = {{"start", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(start)),
                          METH_FASTCALL | METH_KEYWORDS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};
PyType_Slot slots[] = {{Py_tp_methods, methods}, {0, nullptr}};

void construct(ClientObject* self, nb::object engine, nb::object statistics, std::string base_url, nb::object headers,
               std::optional<double> timeout, std::optional<double> connect_timeout, bool verify, Text ca_file,
               Text client_certificate, Text client_key, Text unix_socket, Text user_agent, int max_redirects,
               std::uint64_t max_body) {
  const Settings settings{std::move(headers),
                          std::move(base_url),
                          timeout,
                          connect_timeout,
                          verify,
                          std::move(ca_file),
                          std::move(client_certificate),
                          std::move(client_key),
                          std::move(unix_socket),
                          std::move(user_agent),
                          max_redirects,
                          max_body};
  auto& native_engine = nb::cast<EngineObject&>(engine);
  Recorder& recorder =
      statistics.is_none() ? no_recorder() : static_cast<Recorder&>(nb::cast<StatisticsObject&>(statistics).counts());
  new (self) ClientObject(native_engine, engine, recorder, statistics, settings.options());
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

void bind_settings(nb::class_<ClientObject>& type) {
  bind_setting<&ClientOptions::base_url>(type, "base_url");
  bind_setting<&ClientOptions::verify>(type, "verify");
  bind_setting<&ClientOptions::ca_file>(type, "ca_file");
  bind_setting<&ClientOptions::client_certificate>(type, "client_certificate");
  bind_setting<&ClientOptions::client_key>(type, "client_key");
  bind_setting<&ClientOptions::unix_socket>(type, "unix_socket");
  bind_setting<&ClientOptions::user_agent>(type, "user_agent");
  bind_setting<&ClientOptions::max_redirects>(type, "max_redirects");
  bind_time_limit<&ClientOptions::timeout>(type, "timeout");
  bind_time_limit<&ClientOptions::connect_timeout>(type, "connect_timeout");
  type.def_prop_rw(
      "headers",
      [](const ClientObject& self) {
        nb::list pairs;
        for (const auto& [name, value] : self.options().headers) pairs.append(nb::make_tuple(name, value));
        return pairs;
      },
      [](ClientObject& self, nb::object headers) {
        change(self, [&](ClientOptions& options) { options.headers = header_pairs(headers); });
      },
      nb::for_setter(nb::arg("value").none()));
}

/// The cookies of a client; keeps it.
struct Cookies {
  nb::object client;
  CookieJar& jar() const { return nb::cast<ClientObject&>(client).http().cookies(); }
};

nb::object expiry(const CookieView& cookie) {
  if (!cookie.expires) return nb::none();
  return nb::float_(static_cast<double>(cookie.expires->time_since_epoch().count()));
}

/// (name, value, domain, path, host_only, secure, http_only, expires)
nb::list list(const Cookies& cookies) {
  nb::list out;
  for (const CookieView& cookie : cookies.jar().list()) {
    out.append(nb::make_tuple(cookie.name, cookie.value, cookie.domain, cookie.path, cookie.host_only, cookie.secure,
                              cookie.http_only, expiry(cookie)));
  }
  return out;
}

Url url_for(const std::string& text) {
  if (!is_absolute_url(text)) throw nb::value_error(("not an absolute http or https URL: \"" + text + "\"").c_str());
  return split_url(text);
}

}  // namespace

void bind_client(nb::module_& m) {
  nb::class_<Cookies>(m, "Cookies")
      .def(
          "get", [](const Cookies& self, std::string_view name) { return std::string(self.jar().get(name)); },
          nb::arg("name"))
      .def(
          "set",
          [](const Cookies& self, std::string_view name, std::string_view value, const std::string& url) {
            self.jar().set(name, value, url_for(url), std::chrono::system_clock::now());
          },
          nb::arg("name"), nb::arg("value"), nb::arg("url"))
      .def(
          "store",
          [](const Cookies& self, std::string_view set_cookie, const std::string& url) {
            return self.jar().store(set_cookie, url_for(url), std::chrono::system_clock::now());
          },
          nb::arg("set_cookie"), nb::arg("url"))
      .def(
          "delete", [](const Cookies& self, std::string_view name) { return self.jar().erase(name); }, nb::arg("name"))
      .def("clear", [](const Cookies& self) { self.jar().clear(); })
      .def(
          "header",
          [](const Cookies& self, const std::string& url) {
            std::string out;
            self.jar().append_header(out, url_for(url), std::chrono::system_clock::now());
            return out;
          },
          nb::arg("url"))
      .def("list", &list)
      .def("__len__", [](const Cookies& self) { return self.jar().size(); });

  nb::class_<ClientObject> type(m, "Client", nb::type_slots(slots));
  type.def("__init__", &construct, nb::arg("engine"), nb::arg("statistics").none(), nb::arg("base_url") = "",
           nb::kw_only(), nb::arg("headers").none() = nb::none(), nb::arg("timeout").none() = 60.0,
           nb::arg("connect_timeout").none() = 60.0, nb::arg("verify") = true, nb::arg("ca_file").none() = nb::none(),
           nb::arg("client_certificate").none() = nb::none(), nb::arg("client_key").none() = nb::none(),
           nb::arg("unix_socket").none() = nb::none(), nb::arg("user_agent").none() = nb::none(),
           nb::arg("max_redirects") = 30, nb::arg("max_body") = std::uint64_t{1} << 30)
      .def_prop_ro("engine", [](const ClientObject& self) { return self.engine_object(); })
      .def_prop_ro("cookies", [](nb::object self) { return Cookies{std::move(self)}; })
      .def_prop_ro("in_flight", &ClientObject::in_flight);
  bind_settings(type);
}

}  // namespace katydid::python
