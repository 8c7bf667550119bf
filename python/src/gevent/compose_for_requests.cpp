#include "python/src/client/arguments.hpp"
#include "python/src/client/certificates.hpp"
#include "python/src/client/files.hpp"
#include "python/src/client/form.hpp"
#include "python/src/cpython/seconds.hpp"
#include "python/src/gevent/composing.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace katydid::python {
namespace {

struct Names {
  PyObject* headers = interned("headers");
  PyObject* head = interned("head");
  PyObject* usual_head = interned("_usual_head");
  PyObject* composed_head = interned("_composed_head");
  PyObject* normal_url = interned("_normal_url");
  PyObject* encoded_params = interned("_encoded_params");
  PyObject* auth = interned("auth");
  PyObject* verify = interned("verify");
  PyObject* username = interned("username");
  PyObject* password = interned("password");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Parts of the installed requests.
struct Requests {
  nb::object basic_auth = nb::module_::import_("requests.auth").attr("HTTPBasicAuth");
};

const Requests& requests() {
  static const auto& requests = *new Requests;
  return requests;
}

/// requests' `timeout`: seconds, or a pair of them for connecting and reading.
class TimeLimits {
 public:
  bool take(PyObject* timeout) {
    if (!timeout || timeout == Py_None) return true;
    if (!PyTuple_CheckExact(timeout)) return take_one(timeout, connect) && take_one(timeout, read);
    return PyTuple_GET_SIZE(timeout) == 2 && take_one(PyTuple_GET_ITEM(timeout, 0), connect) &&
           take_one(PyTuple_GET_ITEM(timeout, 1), read);
  }

  std::chrono::milliseconds connect{}, read{};

 private:
  static bool take_one(PyObject* value, std::chrono::milliseconds& out) {
    if (value == Py_None) return true;
    if (!PyLong_Check(value) && !PyFloat_Check(value)) return false;
    const double seconds = PyFloat_AsDouble(value);
    if (seconds == -1.0 && PyErr_Occurred()) throw nb::python_error();
    if (!(seconds > 0)) return false;
    out = time_limit(seconds);
    return true;
  }
};

class RequestsComposer : Composer {
 public:
  using Composer::Composer;

  /// Invalid where requests has to do it.
  nb::object compose() {
    if (!take_method() || !take_url() || !take_headers()) return {};
    if (!take_body() || !take_auth() || !take_cookies() || !take_limits()) return {};
    if (given(call_.files) && !take_files()) return {};
    if (!lines().has("Host")) out_.head.append("Host: ").append(target_->host()).append("\r\n");
    out_.fields_at = out_.head.size();
    lines().append_to(out_.head);
    out_.fields_end = out_.head.size();
    if (!out_.cookie.empty()) out_.head.append("Cookie: ").append(out_.cookie).append("\r\n");
    out_.url = target_->url();
    return std::move(asked_);
  }

 private:
  bool take_url() {
    std::string url;
    if (!join_url(url)) return false;
    target_ = Target::of(url, Quoting::requests);
    if (!target_) {
      const nb::object normal = ask(names().normal_url, nb::str(url.data(), url.size()));
      if (!normal.is_valid()) return false;
      target_ = Target::quoted(text_of(normal, "url"));
      if (!target_) return false;
    }
    if (given(call_.params)) {
      std::string query;
      if (target_->has_fragment()) return false;
      if (!append_form(query, call_.params, FormValues::repeated)) {
        const nb::object encoded = ask(names().encoded_params, call_.params);
        if (!encoded.is_valid()) return false;
        query = text_of(encoded, "params");
      }
      if (!query.empty()) target_->add_query(query);
    }
    const std::string_view path = target_->path();
    out_.name = checked(PyUnicode_FromStringAndSize(path.data(), static_cast<Py_ssize_t>(path.size()))).release().ptr();
    return true;
  }

  /// The session's headers, where nobody has looked into them those of all sessions, with the request's own.
  bool take_headers() {
    head_ = find_head();
    if (!head_.is_valid() || Py_TYPE(head_.ptr()) != plain_type<Head>) return false;
    lines_.emplace(value_of<Head>(head_), HeaderValues::of_requests);
    if (!given(call_.headers)) return true;
    return put_headers() && !lines().has("Content-Length") && !lines().has("Transfer-Encoding") &&
           lines().has("Accept-Encoding") && lines().has("User-Agent");
  }

  nb::object find_head() {
    nb::object headers = nb::borrow(PyDict_GetItemWithError(own_.ptr(), names().headers));
    if (!headers.is_valid()) return checked(PyObject_GetAttr(session_.ptr(), names().usual_head));
    nb::object head = nb::steal(PyObject_GetAttr(headers.ptr(), names().head));  // of a SessionHeaders
    if (!head.is_valid()) PyErr_Clear();
    if (head.is_valid() && !head.is_none()) return head;
    return ask(names().composed_head, headers);
  }

  bool take_body() {
    std::string_view type;
    if (given(call_.files)) {
      type = "multipart/form-data";  // with a boundary once they are read, which comes last
    } else if (given(call_.data)) {
      if (PyUnicode_CheckExact(call_.data) || PyBytes_CheckExact(call_.data)) {
        take_data();
      } else {
        if (!append_form(out_.body, call_.data, FormValues::repeated)) return false;
        out_.body_type = Asked::BodyType::text;
        type = "application/x-www-form-urlencoded";
      }
    } else if (call_.json && call_.json != Py_None) {
      if (!take_json()) return false;
      out_.body_type = Asked::BodyType::bytes;
      type = "application/json";
    } else {
      if (out_.method != "GET" && out_.method != "HEAD") lines().put("Content-Length", "0");
      return true;
    }
    if (out_.method == "HEAD") return false;
    put_content_length("Content-Length");
    writes_type_ = !type.empty() && !lines().has("Content-Type");
    if (writes_type_) lines().put("Content-Type", type);
    return true;
  }

  /// What is read from files can't be read again: nothing is left to Python after this.
  bool take_files() {
    Multipart form;
    if (!append_files(form, given(call_.data) ? call_.data : nullptr, call_.files)) return false;
    out_.body = form.body();
    out_.body_type = Asked::BodyType::bytes;
    put_content_length("Content-Length");
    if (writes_type_) lines().put("Content-Type", lines().keep(form.content_type()));
    return true;
  }

  bool take_auth() {
    nb::object auth = nb::borrow(call_.auth);
    if (!given(call_.auth)) auth = checked(PyObject_GetAttr(session_.ptr(), names().auth));
    if (!given(auth.ptr())) return true;
    std::string value;
    if (PyTuple_CheckExact(auth.ptr()) && PyTuple_GET_SIZE(auth.ptr()) == 2) {
      value = authorization_of(PyTuple_GET_ITEM(auth.ptr(), 0), PyTuple_GET_ITEM(auth.ptr(), 1));
    } else if (reinterpret_cast<PyObject*>(Py_TYPE(auth.ptr())) == requests().basic_auth.ptr()) {
      value = authorization_of(checked(PyObject_GetAttr(auth.ptr(), names().username)),
                               checked(PyObject_GetAttr(auth.ptr(), names().password)));
    }
    if (value.empty()) return false;
    put_authorization(std::move(value));
    return true;
  }

  bool take_cookies() {
    // requests takes a Host for that of the cookies.
    PyObject* const jar = lines().has("Host") ? PyDict_GetItemWithError(own_.ptr(), name_of_jar(false)) : nullptr;
    if (jar && truth(jar)) return false;
    return Composer::take_cookies(name_of_jar(false)) && (out_.cookie.empty() || !lines().has("Cookie"));
  }

  bool take_limits() {
    nb::object verify = nb::borrow(call_.verify);
    if (!call_.verify || call_.verify == Py_None) verify = checked(PyObject_GetAttr(session_.ptr(), names().verify));
    if (PyBool_Check(verify.ptr()) && !given(call_.cert)) {
      out_.verify = verify.ptr() == Py_True;
    } else if (!take_certificates(verify)) {
      return false;
    }
    TimeLimits limits;
    if (!limits.take(call_.timeout)) return false;
    out_.connect_timeout = limits.connect;
    out_.timeout = limits.read;
    return true;
  }

  /// Of files and folders that are there: requests says what is wrong with others. Without TLS it looks at the client's
  /// alone.
  bool take_certificates(nb::handle verify) {
    auto files = std::make_unique<Certificates>();
    if (PyUnicode_CheckExact(verify.ptr())) {
      if (target_->is_https() && !take_path(verify, files->ca_file)) return false;
    } else if (PyBool_Check(verify.ptr())) {
      out_.verify = verify.ptr() == Py_True;
    } else {
      return false;
    }
    if (given(call_.cert) && !take_client_certificate(call_.cert, *files)) return false;
    out_.certificates = std::move(files);
    return true;
  }

  static bool take_client_certificate(nb::handle cert, Certificates& files) {
    if (!PyTuple_CheckExact(cert.ptr())) return take_file(cert, files.client_certificate);
    return PyTuple_GET_SIZE(cert.ptr()) == 2 && take_file(PyTuple_GET_ITEM(cert.ptr(), 0), files.client_certificate) &&
           take_file(PyTuple_GET_ITEM(cert.ptr(), 1), files.client_key);
  }

  static bool take_path(nb::handle path, std::string& out) {
    if (!PyUnicode_CheckExact(path.ptr())) return false;
    out = view_of_path(path_of(path));
    return ::access(out.c_str(), F_OK) == 0;
  }

  static bool take_file(nb::handle path, std::string& out) {
    struct stat status {};
    return take_path(path, out) && ::stat(out.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
  }

  bool writes_type_ = false;  // of the body
};

}  // namespace

nb::object compose_for_requests(nb::handle session, const Call& call) {
  return RequestsComposer(session, call).compose();
}

}  // namespace katydid::python
