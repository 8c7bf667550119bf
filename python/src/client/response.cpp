#include "python/src/client/response.hpp"

#include "http/ascii.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/client/client.hpp"
#include "python/src/client/server_event.hpp"
#include "python/src/cpython/plain_type.hpp"
#include "python/src/cpython/text.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>

namespace katydid::python {
namespace {

constexpr double most_milliseconds = 1e12;  // so that nanoseconds can be counted

/// "ConnectTimeout: no connection …" and "HTTPError('404 …')" begin with what they are.
std::string_view kind_of(std::string_view error) {
  const auto end = std::ranges::find_if(
      error, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'); });
  return error.substr(0, static_cast<std::size_t>(end - error.begin()));
}

Response copy_of(const Response::Content& content) {
  Response::Content copy = content;
  return Response(std::move(copy));
}

void append(nb::handle list, const nb::object& item) {
  if (PyList_Append(list.ptr(), item.ptr()) != 0) throw nb::python_error();
}

}  // namespace

nb::object ResponseObject::body() {
  if (!body_.is_valid()) body_ = bytes_object(response_.body());
  return body_;
}

nb::object ResponseObject::body_lines() {
  static PyObject* const splitlines = interned("splitlines");
  return checked(PyObject_CallMethodNoArgs(body().ptr(), splitlines));
}

/// As Python's http.client reads them.
nb::object ResponseObject::headers() {
  if (!headers_.is_valid()) {
    nb::list pairs;
    for (const Field& field : response_.headers())
      pairs.append(nb::make_tuple(latin1_text(field.name), latin1_text(field.value)));
    headers_ = pairs;
  }
  return headers_;
}

nb::object ResponseObject::header(nb::handle name) const {
  const std::string_view value = response_.header(text_of(name, "the name"));
  return value.data() ? latin1_text(value) : nb::none();
}

nb::object ResponseObject::sole_header(nb::handle name) const {
  const std::string_view wanted = text_of(name, "the name");
  std::string_view value;
  for (const Field& field : response_.headers()) {
    if (!same_name(field.name, wanted)) continue;
    if (value.data()) return nb::none();
    value = field.value;
  }
  return value.data() ? latin1_text(value) : nb::none();
}

nb::object ResponseObject::reason() const { return latin1_text(response_.reason()); }

nb::object ResponseObject::url() const { return utf8_text(response_.url()); }

nb::object ResponseObject::checksum() const {
  return response_.checksum().empty() ? nb::none() : utf8_text(response_.checksum());
}

double ResponseObject::elapsed() const { return std::chrono::duration<double>(response_.elapsed()).count(); }

nb::object ResponseObject::phase_times() const {
  const Phases& phases = response_.phases();
  const auto seconds = [](std::chrono::nanoseconds time) -> nb::object {
    if (time < time.zero()) return nb::none();
    return nb::float_(std::chrono::duration<double>(time).count());
  };
  return nb::make_tuple(seconds(phases.name_lookup), seconds(phases.connect), seconds(phases.tls),
                        seconds(phases.request_sent), seconds(phases.first_byte));
}

nb::object ResponseObject::error() const {
  return response_.error().empty() ? nb::none() : utf8_text(response_.error());
}

nb::object ResponseObject::error_kind() const {
  return response_.error().empty() ? nb::none() : utf8_text(kind_of(response_.error()));
}

nb::list ResponseObject::history() {
  nb::list all;
  for (const Response::Content& each : response_.history())
    all.append(make_plain_as<ResponseObject>(Py_TYPE(owner_of(*this).ptr()), copy_of(each), nb::object()));
  return all;
}

nb::object ResponseObject::take(nb::handle most) {
  if (!is_stream()) return bytes_object({});
  BodyStream& stream = *response_.stream();
  const auto limit = PyLong_AsSsize_t(most.ptr());
  if (limit == -1 && PyErr_Occurred()) throw nb::python_error();
  const auto piece = stream.pending().substr(0, limit < 0 ? std::string_view::npos : static_cast<std::size_t>(limit));
  nb::object bytes = bytes_object(piece);
  stream.take(piece.size());
  return bytes;
}

Py_ssize_t ResponseObject::find(nb::handle bytes) const {
  if (!is_stream()) return -1;
  const auto found = response_.stream()->pending().find(text_of(bytes, "what is searched for"));
  return found == std::string_view::npos ? -1 : static_cast<Py_ssize_t>(found);
}

nb::object ResponseObject::take_lines() {
  nb::object lines = checked(PyList_New(0));
  if (!is_stream()) return lines;
  while (const auto line = response_.stream()->take_line()) append(lines, bytes_object(*line));
  return lines;
}

nb::object ResponseObject::take_events(nb::handle event_class) {
  nb::object events = checked(PyList_New(0));
  if (is_stream()) {
    while (const auto* const event = response_.stream()->take_event()) append(events, make_event(event_class, *event));
    return events;
  }
  EventParser parser(response_.body().size());
  for (const nb::handle line : nb::borrow<nb::list>(body_lines())) {
    if (parser.take(text_of(line, "a line")) == EventParser::Progress::event)
      append(events, make_event(event_class, parser.event()));
  }
  return events;
}

nb::object ResponseObject::take_text_lines() {
  if (!is_stream()) return utf8_text({});
  BodyStream& stream = *response_.stream();
  const auto all = stream.pending();
  const std::size_t size = stream.is_open() ? all.rfind('\n') + 1 : all.size();  // npos + 1 is 0
  nb::object lines = utf8_text(all.substr(0, size));
  stream.take(size);
  return lines;
}

void ResponseObject::wait(nb::handle callback) {
  if (!is_open()) throw std::logic_error("all of the body has come");
  if (waiting_.is_valid()) throw std::runtime_error("somebody else reads this body");
  waiting_ = nb::borrow(callback);
  response_.stream()->wait(*this);
}

void ResponseObject::stop_waiting() {
  waiting_.reset();
  if (is_open()) response_.stream()->stop_waiting();
}

void ResponseObject::on_more() {
  const nb::object keep = nb::borrow(owner_of(*this));
  const nb::object callback = std::exchange(waiting_, {});
  if (!nb::steal(PyObject_CallNoArgs(callback.ptr())).is_valid())
    nb::cast<ClientObject&>(keep_).engine().take_error(callback.ptr());
}

nb::object ResponseObject::stream_error() const { return utf8_text(response_.stream_error()); }

nb::object ResponseObject::stream_error_kind() const { return utf8_text(kind_of(response_.stream_error())); }

void ResponseObject::close() { response_.close_stream(); }

nb::object ResponseObject::js() const {
  if (!js_.is_valid()) {
    PyErr_SetString(PyExc_AttributeError, "only a response of rest() has `js`; call json()");
    throw nb::python_error();
  }
  return js_;
}

namespace {

/// Of `js`; a null pointer when it is deleted.
int set_js(PyObject* self, PyObject* value, void*) noexcept {
  value_of<ResponseObject>(self).set_js(nb::borrow(value));
  return 0;
}

/// A member that the native response has itself.
template <auto function>
PyGetSetDef property_of_native(const char* name) {
  return property<ResponseObject, [](const ResponseObject& self) { return std::invoke(function, self.response()); }>(
      name);
}

void fail(ResponseObject& self, nb::handle text) { self.response().failure(text_of(text, "the reason")); }

void rename(ResponseObject& self, nb::handle name) { self.response().rename(text_of(name, "the name")); }

void set_response_time(ResponseObject& self, nb::handle milliseconds) {
  const double time = PyFloat_AsDouble(milliseconds.ptr());
  if (time == -1 && PyErr_Occurred()) throw nb::python_error();
  if (!(time >= 0 && time <= most_milliseconds))
    throw nb::value_error("a response time is not negative, nor beyond 1e12 ms");
  self.response().set_response_time(
      std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double, std::milli>(time)));
}

PyGetSetDef js_attribute() {
  PyGetSetDef attribute = property<ResponseObject, &ResponseObject::js>("js");
  attribute.set = set_js;
  return attribute;
}

PyMethodDef methods[] = {method_of_one<ResponseObject, &ResponseObject::header>("header"),
                         method_of_one<ResponseObject, &ResponseObject::sole_header>("sole_header"),
                         method<ResponseObject, [](ResponseObject& self) { self.response().success(); }>("success"),
                         method_of_one<ResponseObject, fail>("failure"),
                         method_of_one<ResponseObject, rename>("rename"),
                         method_of_one<ResponseObject, set_response_time>("set_response_time"),
                         method<ResponseObject, [](ResponseObject& self) { self.response().record(); }>("record"),
                         method_of_one<ResponseObject, &ResponseObject::take>("take"),
                         method_of_one<ResponseObject, &ResponseObject::find>("find"),
                         method<ResponseObject, &ResponseObject::take_lines>("take_lines"),
                         method<ResponseObject, &ResponseObject::take_text_lines>("take_text_lines"),
                         method_of_one<ResponseObject, &ResponseObject::wait>("wait"),
                         method<ResponseObject, &ResponseObject::phase_times>("phase_times"),
                         method<ResponseObject, &ResponseObject::stop_waiting>("stop_waiting"),
                         method<ResponseObject, &ResponseObject::close>("close"),
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {property<ResponseObject, &ResponseObject::is_stream>("is_stream"),
                            property<ResponseObject, &ResponseObject::is_open>("is_open"),
                            property<ResponseObject, &ResponseObject::pending>("pending"),
                            property<ResponseObject, &ResponseObject::stream_error>("stream_error"),
                            property<ResponseObject, &ResponseObject::stream_error_kind>("stream_error_kind"),
                            property_of_native<&Response::status>("status"),
                            property_of_native<&Response::status>("status_code"),
                            property_of_native<&Response::ok>("ok"),
                            property_of_native<&Response::redirects>("redirects"),
                            property<ResponseObject, &ResponseObject::reason>("reason"),
                            property<ResponseObject, &ResponseObject::headers>("headers"),
                            property<ResponseObject, &ResponseObject::body>("body"),
                            property<ResponseObject, &ResponseObject::body>("content"),
                            property<ResponseObject, &ResponseObject::url>("url"),
                            property<ResponseObject, &ResponseObject::checksum>("checksum"),
                            property<ResponseObject, &ResponseObject::error>("error"),
                            property<ResponseObject, &ResponseObject::error_kind>("error_kind"),
                            property<ResponseObject, &ResponseObject::elapsed>("elapsed"),
                            property<ResponseObject, &ResponseObject::history>("history"),
                            js_attribute(),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

void bind_response(nb::module_& m) {
  add_type<ResponseObject>(m, "Response", Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                           {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
