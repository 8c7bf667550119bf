#include "python/src/gevent/call.hpp"

#include "http/fast/session.hpp"
#include "python/src/cpython/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace katydid::python {
namespace {

struct Keyword {
  PyObject* name;
  PyObject* Call::*member;
};

const auto& keywords_of_a_call() {
  static const auto& table =
      *new std::array{Keyword{interned("name"), &Call::name},       Keyword{interned("context"), &Call::context},
                      Keyword{interned("headers"), &Call::headers}, Keyword{interned("params"), &Call::params},
                      Keyword{interned("data"), &Call::data},       Keyword{interned("json"), &Call::json},
                      Keyword{interned("files"), &Call::files},     Keyword{interned("auth"), &Call::auth},
                      Keyword{interned("timeout"), &Call::timeout}, Keyword{interned("verify"), &Call::verify},
                      Keyword{interned("cert"), &Call::cert}};
  return table;
}

struct Flags {
  PyObject* catch_response = interned("catch_response");
  PyObject* stream = interned("stream");
  PyObject* allow_redirects = interned("allow_redirects");
  PyObject* timeout = interned("timeout");
  PyObject* verify = interned("verify");
  PyObject* cert = interned("cert");
};

/// Of no consequence when they are not set.
const auto& meaningless_when_unset() {
  static const auto& names = *new std::array{interned("cookies"), interned("proxies"), interned("hooks")};
  return names;
}

/// Of a str or bytes.
std::optional<std::string_view> credential(nb::handle text) {
  if (!PyBytes_Check(text.ptr())) return latin1_of(text);
  return std::string_view(PyBytes_AS_STRING(text.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(text.ptr())));
}

}  // namespace

bool Call::take(PyObject* const* values, PyObject* keywords) {
  static const auto& flags = *new Flags;
  const Py_ssize_t size = keywords ? PyTuple_GET_SIZE(keywords) : 0;
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* const keyword = PyTuple_GET_ITEM(keywords, i);
    if (keyword == flags.catch_response) {
      catches = truth(values[i]);
    } else if (keyword == flags.stream) {
      streams = truth(values[i]);
    } else if (keyword == flags.allow_redirects) {
      redirects = truth(values[i]);
    } else {
      const auto& known = keywords_of_a_call();
      const auto found = std::ranges::find(known, keyword, &Keyword::name);
      if (found != known.end()) {
        this->*found->member = values[i];
        if (keyword == flags.timeout || keyword == flags.verify || keyword == flags.cert) only_for_requests = true;
        continue;
      }
      const auto& unset = meaningless_when_unset();
      if (std::ranges::find(unset, keyword) == unset.end() || truth(values[i])) return false;
      only_for_requests = true;
    }
  }
  return true;
}

nb::object Call::rest() const {
  static const auto& flags = *new Flags;
  nb::object rest = checked(PyDict_New());
  const auto set = [&](PyObject* name, PyObject* value) {
    if (PyDict_SetItem(rest.ptr(), name, value) != 0) throw nb::python_error();
  };
  for (const auto& [name, member] : keywords_of_a_call()) {
    if (member != &Call::name && member != &Call::context && this->*member) set(name, this->*member);
  }
  set(flags.allow_redirects, redirects ? Py_True : Py_False);
  if (streams) set(flags.stream, Py_True);
  return rest;
}

std::string authorization_of(nb::handle user, nb::handle password) {
  const auto user_text = credential(user), password_text = credential(password);
  return user_text && password_text ? basic_authorization(*user_text, *password_text) : std::string();
}

}  // namespace katydid::python
