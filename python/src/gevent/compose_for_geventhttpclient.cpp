#include "http/header_text.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/client/form.hpp"
#include "python/src/gevent/composing.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::python {
namespace {

/// What the installed versions of Locust and geventhttpclient do; they differ.
struct AgentRules {
  bool quotes = false;                   // URLs, as requests does
  std::string accept_encoding;           // what Locust asks for
  std::string form_type;                 // Content-Type of a form; empty: forms are for Python
  std::vector<std::string> zero_length;  // methods that are sent with Content-Length: 0
};

AgentRules& rules() {
  static auto& rules = *new AgentRules;
  return rules;
}

struct Names {
  PyObject* head = interned("_head");
  PyObject* client = interned("client");
  PyObject* current_head = interned("_current_head");
  PyObject* auth_header = interned("auth_header");
  PyObject* content_type = interned("Content-Type");
  PyObject* content_type_small = interned("content-type");
  PyObject* accept = interned("Accept");
  PyObject* accept_small = interned("accept");
  PyObject* accept_encoding = interned("Accept-Encoding");
  PyObject* accept_encoding_small = interned("accept-encoding");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Headers that change what the rest of the head is.
constexpr std::array<std::string_view, 5> special{"host", "content-length", "transfer-encoding", "cookie", "expect"};

class AgentComposer : Composer {
 public:
  using Composer::Composer;

  /// Invalid where geventhttpclient has to do it.
  nb::object compose() {
    if (call_.only_for_requests || given(call_.files)) return {};
    if (!take_method() || !take_url() || !take_headers()) return {};
    if (!take_body() || !take_cookies(name_of_jar(true))) return {};
    lines().append_to(out_.head);
    out_.fields_end = out_.head.size();
    out_.head.append("Host: ").append(target_->host()).append("\r\n");
    if (!lines().has("Content-Length")) {
      if (!out_.body.empty() || sends_zero_length())
        out_.head.append("Content-Length: ").append(std::to_string(out_.body.size())).append("\r\n");
    }
    if (!out_.cookie.empty()) out_.head.append("Cookie: ").append(out_.cookie).append("\r\n");
    return std::move(asked_);
  }

 private:
  bool take_url() {
    if (!join_url(out_.url)) return false;
    target_ = Target::of(out_.url, quoting_of_agents());
    if (!target_) return false;
    if (call_.params && call_.params != Py_None) {
      std::string query;
      if (!append_form(query, call_.params, FormValues::repeated) || query.empty()) return false;
      target_->add_query(query);
    }
    if (target_->url() != out_.url) out_.target = target_->url();
    out_.name = Py_NewRef(call_.url);
    return true;
  }

  /// The agent's, the request's own, and those that Locust adds.
  bool take_headers() {
    const bool looked_at = PyDict_GetItemWithError(own_.ptr(), names().client) != nullptr;
    head_ = looked_at ? checked(PyObject_CallMethodNoArgs(session_.ptr(), names().current_head))
                      : checked(PyObject_GetAttr(session_.ptr(), names().head));
    if (Py_TYPE(head_.ptr()) != plain_type<Head>) return false;
    lines_.emplace(value_of<Head>(head_), HeaderValues::of_geventhttpclient);
    if (given(call_.headers) && !(put_headers() && is_usual(headers_))) return false;
    if (!take_auth()) return false;
    if (!has_own(names().accept_encoding, names().accept_encoding_small))
      lines().put("Accept-Encoding", rules().accept_encoding);
    return true;
  }

  bool is_usual(nb::handle headers) const {
    Py_ssize_t position = 0;
    PyObject *name = nullptr, *value = nullptr;
    while (PyDict_Next(headers.ptr(), &position, &name, &value)) {
      if (value == Py_None) return false;
      const std::string_view text = text_of(name, "header");
      if (std::ranges::any_of(special, [&](std::string_view each) { return same_name(each, text); })) return false;
    }
    return true;
  }

  /// Among the request's own, in one of these two ways to write it: what Locust asks before it adds one.
  bool has_own(PyObject* name, PyObject* small) const {
    if (!headers_.is_valid()) return false;
    return PyDict_Contains(headers_.ptr(), name) == 1 || PyDict_Contains(headers_.ptr(), small) == 1;
  }

  bool take_auth() {
    if (given(call_.auth)) {
      if (!PyTuple_CheckExact(call_.auth) || PyTuple_GET_SIZE(call_.auth) < 2) return false;
      std::string value = authorization_of(PyTuple_GET_ITEM(call_.auth, 0), PyTuple_GET_ITEM(call_.auth, 1));
      if (value.empty()) return false;
      put_authorization(std::move(value));
      return true;
    }
    auth_ = checked(PyObject_GetAttr(session_.ptr(), names().auth_header));
    if (!given(auth_.ptr())) return true;
    static const nb::str& authorization = *new nb::str("Authorization");
    return lines().put(nb::handle(authorization), nb::handle(auth_));
  }

  bool take_body() {
    const bool typed = lines().has("Content-Type");
    if (given(call_.data)) {
      if (PyBytes_CheckExact(call_.data)) {
        take_data();
        if (!typed) lines().put("content-type", "application/octet-stream");
        return true;
      }
      if (PyUnicode_CheckExact(call_.data)) {
        if (typed && !PyUnicode_IS_ASCII(call_.data)) return false;
        take_data();
        if (typed) return true;
        out_.body_type = Asked::BodyType::bytes;
        lines().put("content-type", "text/plain; charset=utf-8");
        put_content_length("content-length");
        return true;
      }
      if (rules().form_type.empty() || !PyDict_CheckExact(call_.data)) return false;
      if (!append_form(out_.body, call_.data, FormValues::single)) return false;
      out_.body_type = Asked::BodyType::bytes;
      if (!typed) lines().put("content-type", rules().form_type);
      put_content_length("content-length");
      return true;
    }
    if (!call_.json || call_.json == Py_None) {
      if (!call_.data || call_.data == Py_None) return true;
      out_.body_object = Py_NewRef(call_.data);  // empty
      out_.body_type = Asked::BodyType::object;
      return true;
    }
    if (!take_json()) return false;
    out_.body_type = Asked::BodyType::text;
    if (!has_own(names().content_type, names().content_type_small)) lines().put("Content-Type", "application/json");
    if (!has_own(names().accept, names().accept_small)) lines().put("Accept", "application/json");
    return true;
  }

  bool sends_zero_length() const {
    return std::ranges::find(rules().zero_length, out_.method) != rules().zero_length.end();
  }

  nb::object auth_;
};

}  // namespace

nb::object compose_for_geventhttpclient(nb::handle session, const Call& call) {
  return AgentComposer(session, call).compose();
}

Quoting quoting_of_agents() { return rules().quotes ? Quoting::geventhttpclient : Quoting::none; }

void bind_compose(nb::module_& m) {
  m.def(
      "set_agent_rules",
      [](bool quotes, std::string accept_encoding, std::string form_type, std::vector<std::string> zero_length) {
        rules() = {quotes, std::move(accept_encoding), std::move(form_type), std::move(zero_length)};
      },
      nb::kw_only(), nb::arg("quotes"), nb::arg("accept_encoding"), nb::arg("form_type"), nb::arg("zero_length"),
      "What the installed versions of Locust and geventhttpclient do.");
}

}  // namespace katydid::python
