#include "python/src/gevent/composing.hpp"

#include "http/ascii.hpp"
#include "http/header_text.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/client/json_text.hpp"
#include "python/src/cpython/text.hpp"
#include "python/src/gevent/cookie_list.hpp"

#include <utility>

namespace katydid::python {
namespace {

struct Names {
  PyObject* base_url = interned("base_url");
  PyObject* cookie_header = interned("_cookie_header");
  PyObject* cookiejar = interned("cookiejar");
  PyObject* cookies = interned("cookies");
  PyObject* encoded_json = interned("_encoded_json");
  PyObject* list_of_cookies = interned("list_of_cookies");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// What a method of the session makes of it; invalid for None.
nb::object ask(nb::handle session, PyObject* name, nb::handle what) {
  nb::object answer = checked(PyObject_CallMethodOneArg(session.ptr(), name, what.ptr()));
  if (answer.is_none()) return {};
  return answer;
}

}  // namespace

nb::object instance_dict(nb::handle object) { return checked(PyObject_GenericGetDict(object.ptr(), nullptr)); }

PyObject* name_of_jar(bool has_agent) { return has_agent ? names().cookiejar : names().cookies; }

std::optional<std::string> cookies_for(nb::handle session, nb::handle own, PyObject* jar_name, const Target& target) {
  PyObject* const jar = PyDict_GetItemWithError(own.ptr(), jar_name);
  if (!jar) return std::string();
  const nb::object list = nb::steal(PyObject_GetAttr(jar, names().list_of_cookies));
  if (!list.is_valid()) PyErr_Clear();
  if (list.is_valid() && Py_TYPE(list.ptr()) == plain_type<CookieList>)
    return value_of<CookieList>(list).header(target);
  const nb::object header = ask(session, names().cookie_header, nb::str(target.url().data(), target.url().size()));
  if (!header.is_valid()) return std::nullopt;
  return std::string(text_of(header, "cookie"));
}

Composer::Composer(nb::handle session, const Call& call)
    : session_(session),
      call_(call),
      own_(instance_dict(session)),
      asked_(make_plain<Asked>()),
      out_(value_of<Asked>(asked_)) {}

bool Composer::take_method() {
  const auto text = utf8_of(call_.method);
  if (!text || !is_token(*text)) return false;
  out_.method = *text;
  for (char& c : out_.method) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return true;
}

bool Composer::join_url(std::string& out) const {
  const auto text = utf8_of(call_.url);
  if (!text) return false;
  if (starts_ignoring_case(*text, "http://") || starts_ignoring_case(*text, "https://")) {
    out = *text;
    return true;
  }
  const nb::object base = checked(PyObject_GetAttr(session_.ptr(), names().base_url));
  const auto base_text = utf8_of(base);
  if (!base_text) return false;
  out.reserve(base_text->size() + text->size());
  out.append(*base_text).append(*text);
  return true;
}

bool Composer::put_headers() {
  // A copy: what Python runs before the lines are written may change the dict that was given.
  headers_ = checked(PyDict_New());
  if (PyDict_Update(headers_.ptr(), call_.headers) != 0) {
    PyErr_Clear();
    return false;
  }
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *value = nullptr;
  while (PyDict_Next(headers_.ptr(), &position, &name, &value)) {
    if (!lines().put(nb::handle(name), nb::handle(value))) return false;
  }
  return true;
}

bool Composer::take_json() {
  if (append_json(out_.body, call_.json)) return true;
  const nb::object encoded = ask(names().encoded_json, call_.json);
  if (!encoded.is_valid() || (PyUnicode_Check(encoded.ptr()) && !PyUnicode_IS_ASCII(encoded.ptr()))) return false;
  out_.body = text_of(encoded, "json");
  return true;
}

void Composer::take_data() {
  out_.body = text_of(call_.data, "data");
  out_.body_object = Py_NewRef(call_.data);
  out_.body_type = Asked::BodyType::object;
}

bool Composer::take_cookies(PyObject* jar_name) {
  auto cookie = cookies_for(session_, own_, jar_name, *target_);
  if (cookie) out_.cookie = std::move(*cookie);
  return cookie.has_value();
}

nb::object Composer::ask(PyObject* name, nb::handle what) const { return katydid::python::ask(session_, name, what); }

}  // namespace katydid::python
