#pragma once

#include "python/src/gevent/asked.hpp"
#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/head.hpp"
#include "python/src/gevent/target.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace katydid::python {

/// An object's __dict__.
nb::object instance_dict(nb::handle object);

/// What a session calls its jar: one that has an agent, or one of requests.
PyObject* name_of_jar(bool has_agent);

/// The value of the Cookie header that the jar of that name in a session's `own` __dict__ has for a request there: by
/// what the jar has made of itself for C++, else by the session's `_cookie_header()`. Empty when there is none; nothing
/// where the library has to say.
std::optional<std::string> cookies_for(nb::handle session, nb::handle own, PyObject* jar_name, const Target& target);

/// What the two ways to compose a request have in common. What returns false leaves the request to Python.
class Composer {
 public:
  Composer(nb::handle session, const Call& call);

 protected:
  /// The method, in capitals.
  bool take_method();
  /// The URL as it is given, or behind the session's base URL: Locust's _build_url().
  bool join_url(std::string& out) const;
  /// The request's own headers.
  bool put_headers();
  /// The `json` of the call, written as the session's library writes it.
  bool take_json();
  /// The `data` of the call, sent as it is.
  void take_data();
  void put_authorization(std::string value) { lines().put("Authorization", lines().keep(std::move(value))); }
  void put_content_length(std::string_view name) { lines().put(name, lines().keep(std::to_string(out_.body.size()))); }
  /// Those that the session's jar has for this request.
  bool take_cookies(PyObject* jar_name);

  /// What a method of the session makes of it; invalid for None.
  nb::object ask(PyObject* name, nb::handle what) const;
  HeadLines& lines() { return *lines_; }

  nb::handle session_;
  const Call& call_;
  nb::object own_;  // the session's __dict__
  nb::object asked_;
  Asked& out_;
  std::optional<Target> target_;
  nb::object head_;
  nb::object headers_;  // the request's own, as they were when it was composed
  std::optional<HeadLines> lines_;
};

}  // namespace katydid::python
