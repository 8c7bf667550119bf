#include "python/src/client/arguments.hpp"

#include "python/src/client/certificates.hpp"
#include "python/src/client/files.hpp"
#include "python/src/client/form.hpp"
#include "python/src/client/json_text.hpp"
#include "python/src/client/pulled_body.hpp"
#include "python/src/client/pushed_body.hpp"
#include "python/src/cpython/api.hpp"
#include "python/src/cpython/seconds.hpp"
#include "python/src/cpython/value.hpp"

#include <chrono>
#include <utility>

namespace katydid::python {

nb::object pairs_of(nb::handle fields) {
  return nb::hasattr(fields, "items") ? nb::object(fields.attr("items")()) : nb::borrow(fields);
}

namespace {

[[noreturn]] void wrong_type(const char* what, const char* wanted, nb::handle object) {
  throw nb::type_error(
      (std::string(what) + " must be " + wanted + ", not " + nb::type_name(object.type()).c_str()).c_str());
}

std::chrono::milliseconds milliseconds_of(nb::handle value, const char* what) {
  if (value.is_none()) return {};
  const double seconds = PyFloat_AsDouble(value.ptr());
  if (seconds == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    wrong_type(what, "a number of seconds or None", value);
  }
  if (!(seconds > 0)) throw nb::value_error((std::string(what) + " must be more than 0 seconds").c_str());
  return time_limit(seconds);
}

bool is_form(nb::handle data) {
  return PyDict_Check(data.ptr()) || PyList_Check(data.ptr()) || PyTuple_Check(data.ptr());
}

/// What is no text, bytes or number, as Python encodes it. None is no field.
nb::object urlencoded(nb::handle fields) {
  nb::list pairs;
  for (nb::handle pair : pairs_of(fields)) {
    if (!nb::object(pair[1]).is_none()) pairs.append(pair);
  }
  return nb::module_::import_("urllib.parse").attr("urlencode")(pairs, nb::arg("doseq") = true);
}

}  // namespace

std::string_view text_of(nb::handle object, const char* what) {
  Py_ssize_t size = 0;
  if (PyUnicode_Check(object.ptr())) {
    const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (!text) throw nb::python_error();
    return {text, static_cast<std::size_t>(size)};
  }
  if (PyBytes_Check(object.ptr())) {
    char* bytes = nullptr;
    PyBytes_AsStringAndSize(object.ptr(), &bytes, &size);
    return {bytes, static_cast<std::size_t>(size)};
  }
  wrong_type(what, "str or bytes", object);
}

/// User and password.
template <class Login>
Login RequestArguments::take_login(const char* what, nb::handle value) {
  const nb::object pair = nb::steal(PySequence_Tuple(value.ptr()));
  if (!pair.is_valid() || PyTuple_GET_SIZE(pair.ptr()) != 2) {
    PyErr_Clear();
    wrong_type(what, "a pair of user and password", value);
  }
  kept_.push_back(pair);
  return {.user = text_of(PyTuple_GET_ITEM(pair.ptr(), 0), what),
          .password = text_of(PyTuple_GET_ITEM(pair.ptr(), 1), what)};
}

bool RequestArguments::take(std::string_view name, nb::handle value) {
  if (name == "name") {
    if (!value.is_none()) options_.name = text_of(value, "name");
  } else if (name == "headers") {
    headers_ = fields(value, "headers");
  } else if (name == "body") {
    take_body(value);
  } else if (name == "content_type") {
    if (!value.is_none()) content_type_ = text_of(value, "content_type");
  } else if (name == "json") {
    take_json(value);
  } else if (name == "data") {
    data_ = value;
  } else if (name == "files") {
    files_ = value;
  } else if (name == "params") {
    take_params(value);
  } else if (name == "cookies") {
    cookies_ = fields(value, "cookies");
  } else if (name == "auth") {
    if (!value.is_none()) options_.auth = take_login<BasicAuth>("auth", value);
  } else if (name == "digest") {
    if (!value.is_none()) options_.digest = take_login<DigestAuth>("digest", value);
  } else if (name == "bearer") {
    if (!value.is_none()) options_.bearer = text_of(value, "bearer");
  } else if (name == "timeout") {
    options_.timeout = milliseconds_of(value, "timeout");
  } else if (name == "connect_timeout") {
    options_.connect_timeout = milliseconds_of(value, "connect_timeout");
  } else if (name == "stream_timeout") {
    options_.stream_timeout = milliseconds_of(value, "stream_timeout");
  } else if (name == "proxy") {
    take_proxy(value);
  } else if (name == "composed_head") {
    options_.composed_head = text_of(value, "composed_head");
  } else if (name == "allow_redirects") {
    options_.allow_redirects = truth(value);
  } else if (name == "verify") {
    take_verify(value);
  } else if (name == "catch_response") {
    options_.catch_response = truth(value);
  } else if (name == "stream") {
    options_.stream = truth(value);
  } else if (name == "discard_body") {
    options_.discard_body = truth(value);
  } else if (name == "checksum") {
    if (!value.is_none()) options_.checksum = text_of(value, "checksum");
  } else if (name == "decodes") {
    options_.decodes = truth(value);
  } else if (name == "keep_history") {
    options_.keep_history = truth(value);
  } else if (name == "cert") {
    take_cert(value);
  } else if (name == "context") {
    take_context(value);
  } else {
    return false;
  }
  return true;
}

void RequestArguments::take_context(nb::handle value) {
  if (value.is_none()) return;
  if (!PyDict_Check(value.ptr())) wrong_type("context", "a dict", value);
  context_ = std::make_unique<Value>(from_python(value));
  options_.context = *context_;
}

void RequestArguments::take_all(PyObject* const* values, PyObject* names) {
  if (!names) return;
  const Py_ssize_t size = PyTuple_GET_SIZE(names);
  for (Py_ssize_t i = 0; i < size; ++i) {
    const std::string_view name = text_of(PyTuple_GET_ITEM(names, i), "keyword");
    if (!take(name, values[i])) throw nb::type_error(("a request has no argument '" + std::string(name) + "'").c_str());
  }
}

Body RequestArguments::body() {
  if (files_.is_valid() && truth(files_)) return Body(form_with_files());
  if (data_.is_valid() && truth(data_)) take_data(data_);
  if (source_) return Body(std::move(source_), content_type_);
  return Body(std::move(body_), content_type_);
}

bool RequestArguments::has_async_body() const {
  if (!data_.is_valid() || PyUnicode_Check(data_.ptr()) || PyBytes_Check(data_.ptr()) || is_form(data_)) return false;
  return is_async_iterable(data_);
}

Multipart RequestArguments::form_with_files() const {
  Multipart form;
  const bool has_data = data_.is_valid() && truth(data_);
  if (!append_files(form, has_data ? data_ : nb::handle(), files_))
    throw nb::type_error(
        "files must be a dict, or a list of pairs, whose values are bytes, str, an open file or a tuple of file name, "
        "one of these and a content type; data beside it must be a dict or a list of pairs");
  return form;
}

const RequestOptions& RequestArguments::options() {
  if (!headers_.empty()) options_.headers = Fields(headers_);
  if (!params_.empty()) options_.params = Fields(params_);
  if (!cookies_.empty()) options_.cookies = Fields(cookies_);
  return options_;
}

/// Of a dict or another mapping, or of pairs. A value of None takes a header away.
std::vector<Field> RequestArguments::fields(nb::handle value, const char* what) {
  std::vector<Field> out;
  if (value.is_none()) return out;
  const auto add = [&](nb::handle name, nb::handle text) {
    out.emplace_back(text_of(name, what), text.is_none() ? std::string_view() : text_of(text, what));
  };
  if (PyDict_Check(value.ptr())) {
    Py_ssize_t position = 0;
    PyObject *name = nullptr, *text = nullptr;
    while (PyDict_Next(value.ptr(), &position, &name, &text)) add(name, text);
    return out;
  }
  const nb::object pairs = pairs_of(value);
  const nb::object list = nb::steal(PySequence_List(pairs.ptr()));
  if (!list.is_valid()) {
    PyErr_Clear();
    wrong_type(what, "a dict or a list of pairs", value);
  }
  kept_.push_back(list);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.ptr()); ++i) {
    const nb::object pair = nb::steal(PySequence_Tuple(PyList_GET_ITEM(list.ptr(), i)));
    if (!pair.is_valid() || PyTuple_GET_SIZE(pair.ptr()) != 2) {
      PyErr_Clear();
      wrong_type(what, "a dict or a list of pairs", value);
    }
    kept_.push_back(pair);
    add(PyTuple_GET_ITEM(pair.ptr(), 0), PyTuple_GET_ITEM(pair.ptr(), 1));
  }
  return out;
}

void RequestArguments::take_body(nb::handle value) {
  if (value.is_none() || take_bytes(value)) return;
  source_ = pushed_body(value);
  if (!source_) wrong_type("body", "bytes, str or None", value);
}

bool RequestArguments::take_bytes(nb::handle value) {
  if (PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr())) {
    body_ = copy_of_body(text_of(value, "body"));
    return true;
  }
  Py_buffer view;
  if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_SIMPLE) != 0) {
    PyErr_Clear();
    return false;
  }
  body_ = copy_of_body({static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len)});
  PyBuffer_Release(&view);
  return true;
}

void RequestArguments::take_json(nb::handle value) {
  body_.clear();
  if (!append_json(body_, value))
    body_ = text_of(nb::object(nb::module_::import_("json").attr("dumps")(value)), "body");
  if (content_type_.empty()) content_type_ = "application/json";
}

/// A form, a body as it is, or what makes one.
void RequestArguments::take_data(nb::handle value) {
  if (is_form(value)) {
    body_.clear();
    if (!append_form(body_, value, FormValues::repeated)) body_ = text_of(urlencoded(value), "body");
    if (content_type_.empty()) content_type_ = "application/x-www-form-urlencoded";
  } else if (!take_bytes(value)) {
    source_ = pulled_body(value);
    if (!source_) wrong_type("data", "bytes, str, the fields of a form, an open file or an iterator", value);
  }
}

/// Numbers, and lists for several values of one name, are taken too, as requests takes them.
void RequestArguments::take_params(nb::handle value) {
  if (value.is_none()) return;
  if (!PyDict_Check(value.ptr())) {
    params_ = fields(value, "params");
    return;
  }
  const auto add = [&](nb::handle name, nb::handle each) {
    if (each.is_none()) return;
    if (!PyUnicode_Check(each.ptr()) && !PyBytes_Check(each.ptr())) {
      kept_.push_back(nb::str(each));
      each = kept_.back();
    }
    params_.emplace_back(text_of(name, "params"), text_of(each, "params"));
  };
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *each = nullptr;
  while (PyDict_Next(value.ptr(), &position, &name, &each)) {
    if (PyList_Check(each) || PyTuple_Check(each)) {
      for (nb::handle item : nb::borrow(each)) add(name, item);
    } else {
      add(name, each);
    }
  }
}

void RequestArguments::take_verify(nb::handle value) {
  if (value.is_none()) return;
  if (nb::object path = authorities_of(value); path.is_valid()) {
    options_.ca_file = view_of_path(path);
    kept_.push_back(std::move(path));
  } else {
    options_.verify = truth(value);
  }
}

/// None leaves it to the client, and no text at all says that there is to be none.
void RequestArguments::take_proxy(nb::handle value) {
  if (value.is_none()) return;
  const auto proxy = text_of(value, "proxy");
  options_.proxy = proxy.empty() ? no_proxy : proxy;
}

void RequestArguments::take_cert(nb::handle value) {
  ClientCertificate given = client_certificate_of(value);
  options_.client_certificate = view_of_path(given.certificate);
  options_.client_key = view_of_path(given.key);
  kept_.push_back(std::move(given.certificate));
  kept_.push_back(std::move(given.key));
}

}  // namespace katydid::python
