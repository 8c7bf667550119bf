#include "python/src/gevent/cookie_jar.hpp"

#include "http/ascii.hpp"
#include "python/src/cpython/text.hpp"
#include "python/src/gevent/composing.hpp"
#include "python/src/gevent/cookie_list.hpp"
#include "python/src/gevent/set_cookie.hpp"
#include "python/src/gevent/target.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace katydid::python {
namespace {

struct Names {
  PyObject* cookies = interned("_cookies");
  PyObject* policy = interned("_policy");
  PyObject* lock = interned("_cookies_lock");
  PyObject* now = interned("_now");
  PyObject* list = interned("_list");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

/// Parts of http.cookiejar, and of the module that has our jars.
struct Cookies {
  nb::module_ standard = nb::module_::import_("http.cookiejar");
  nb::module_ ours = nb::module_::import_("katydid.gevent.cookies");
  nb::object cookie = standard.attr("Cookie");
  nb::object policy = standard.attr("DefaultCookiePolicy");
  nb::object usual_rules = ours.attr("USUAL_RULES");
  nb::object session_cookies = ours.attr("SessionCookies");
  nb::object agent_cookies = ours.attr("AgentCookies");
};

const Cookies& python() {
  static const auto& cookies = *new Cookies;
  return cookies;
}

bool is_of(nb::handle object, const nb::object& type) {
  return reinterpret_cast<PyObject*>(Py_TYPE(object.ptr())) == type.ptr();
}

bool has(nb::handle dict, PyObject* name) {
  const int found = PyDict_Contains(dict.ptr(), name);
  if (found < 0) throw nb::python_error();
  return found == 1;
}

/// A borrowed reference, or null.
PyObject* item(nb::handle dict, PyObject* name) {
  PyObject* const found = PyDict_GetItemWithError(dict.ptr(), name);
  if (!found && PyErr_Occurred()) throw nb::python_error();
  return found;
}

void set(nb::handle dict, nb::handle name, nb::handle value) {
  if (PyDict_SetItem(dict.ptr(), name.ptr(), value.ptr()) != 0) throw nb::python_error();
}

/// A DefaultCookiePolicy as it is made.
bool is_usual_policy(nb::handle policy) {
  if (!is_of(policy, python().policy)) return false;
  const nb::object own = instance_dict(policy);
  const nb::handle usual = python().usual_rules;
  if (PyDict_GET_SIZE(own.ptr()) - (has(own, names().now) ? 1 : 0) != PyDict_GET_SIZE(usual.ptr())) return false;
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *value = nullptr;
  while (PyDict_Next(usual.ptr(), &position, &name, &value)) {
    PyObject* const rule = item(own, name);
    if (!rule) return false;
    const int same = PyObject_RichCompareBool(rule, value, Py_EQ);
    if (same < 0) throw nb::python_error();
    if (same == 0) return false;
  }
  return true;
}

std::int64_t seconds_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// Where a cookie comes from.
class Origin {
 public:
  /// Nothing for a URL that only http.cookiejar can judge.
  static std::optional<Origin> of(std::string_view url) {
    auto target = Target::quoted(url);
    if (!target) return std::nullopt;
    Origin origin;
    origin.host_ = target->name();
    const bool plain = std::ranges::all_of(origin.host_, [](char c) { return c > ' ' && c <= '~' && c != '@'; });
    if (origin.host_.empty() || !plain) return std::nullopt;
    if (origin.host_.find('.') == std::string::npos) origin.host_ += ".local";
    const std::string_view path = target->path();
    origin.path_ = path.substr(0, path.find('?'));
    return origin;
  }

  /// http.cookiejar's effective request-host.
  const std::string& host() const { return host_; }

  /// Of cookies without one.
  std::optional<std::string_view> default_path() const {
    if (!is_plain_cookie_path(path_)) return std::nullopt;
    const std::size_t end = path_.rfind('/');
    return end == 0 || end == std::string::npos ? std::string_view("/") : std::string_view(path_).substr(0, end);
  }

  /// DefaultCookiePolicy's set_ok_domain(), of one with a dot in front.
  bool may_set(std::string_view domain) const {
    const std::string_view undotted = domain.substr(1);
    if (undotted.find('.') == undotted.npos && !host_.ends_with(".local")) return false;
    if (host_.ends_with(domain) || host_.ends_with(std::string(undotted) + ".local")) return true;
    return host_.starts_with('.') || ("." + host_).ends_with(domain);
  }

 private:
  std::string host_, path_;
};

/// A cookie as the jar will have it.
struct Placed {
  SetCookie read;
  std::string domain, path;
  bool removes = false;
};

bool has_escaped_quotes(const SetCookie& cookie) {
  return cookie.value && cookie.value->starts_with('"') && cookie.value->ends_with('"') &&
         cookie.value->find("\\\"") != std::string_view::npos;
}

/// False for one that only http.cookiejar can judge.
bool place(Placed& cookie, const Origin& origin, std::int64_t now) {
  const SetCookie& read = cookie.read;
  if (!read.path.empty()) {
    cookie.path = read.path;
  } else {
    const auto path = origin.default_path();
    if (!path) return false;
    cookie.path = *path;
  }
  cookie.domain = read.domain.value_or(origin.host());
  if (read.domain && !cookie.domain.starts_with('.')) cookie.domain.insert(0, 1, '.');
  cookie.removes = read.expires && *read.expires <= now;
  return true;
}

/// The attributes of an http.cookiejar.Cookie, in their order.
constexpr std::array attributes{"version",
                                "name",
                                "value",
                                "port",
                                "port_specified",
                                "domain",
                                "domain_specified",
                                "domain_initial_dot",
                                "path",
                                "path_specified",
                                "secure",
                                "expires",
                                "discard",
                                "comment",
                                "comment_url",
                                "rfc2109",
                                "_rest"};
using Values = std::array<nb::object, attributes.size()>;

const std::array<PyObject*, attributes.size()>& attribute_names() {
  static const auto& names = *[] {
    auto* all = new std::array<PyObject*, attributes.size()>;
    std::ranges::transform(attributes, all->begin(), interned);
    return all;
  }();
  return names;
}

Values values_of(const Placed& cookie) {
  const SetCookie& read = cookie.read;
  const auto flag = [](bool set) { return nb::borrow(set ? Py_True : Py_False); };
  const auto text = [](std::optional<std::string_view> text) { return text ? latin1_text(*text) : nb::none(); };
  nb::object rest = checked(PyDict_New());
  for (const auto& [name, value] : read.rest) set(rest, latin1_text(name), text(value));
  return {checked(PyLong_FromLong(0)),
          text(read.name),
          text(read.value),
          nb::none(),
          flag(false),
          text(cookie.domain),
          flag(read.domain.has_value()),
          flag(read.domain && read.domain->starts_with('.')),
          text(cookie.path),
          flag(!read.path.empty()),
          flag(read.secure),
          read.expires ? checked(PyLong_FromLongLong(*read.expires)) : nb::none(),
          flag(!read.expires),
          nb::none(),
          nb::none(),
          flag(false),
          std::move(rest)};
}

/// http.cookiejar's Cookie, without the time that its __init__() takes.
nb::object object_of(const Placed& cookie) {
  auto* const type = reinterpret_cast<PyTypeObject*>(python().cookie.ptr());
  nb::object object = checked(type->tp_alloc(type, 0));
  const Values values = values_of(cookie);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (PyObject_GenericSetAttr(object.ptr(), attribute_names()[i], values[i].ptr()) != 0) throw nb::python_error();
  }
  return object;
}

/// Whether the installed http.cookiejar makes it of the same attributes.
bool are_cookies_alike() {
  const nb::object none = nb::none();
  const nb::object cookie =
      python().cookie(0, "", none, none, false, "", false, false, "", false, false, none, true, none, none, nb::dict());
  const nb::object names = checked(PyDict_Keys(instance_dict(cookie).ptr()));
  if (PyList_GET_SIZE(names.ptr()) != static_cast<Py_ssize_t>(attributes.size())) return false;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (PyUnicode_Compare(PyList_GET_ITEM(names.ptr(), static_cast<Py_ssize_t>(i)), attribute_names()[i]) != 0)
      return false;
  }
  return true;
}

/// The dict of that name in a dict; made if it is not there. Null where something else is.
PyObject* inner(PyObject* dict, nb::handle name) {
  if (!dict) return nullptr;
  if (PyObject* const found = item(dict, name.ptr())) return PyDict_CheckExact(found) ? found : nullptr;
  const nb::object made = checked(PyDict_New());
  set(dict, name, made);
  return made.ptr();  // which the other dict keeps
}

void put(PyObject* cookies, const Placed& cookie) {
  const nb::object object = object_of(cookie);
  PyObject* const of_path = inner(inner(cookies, latin1_text(cookie.domain)), latin1_text(cookie.path));
  if (!of_path) throw nb::type_error("what is in a cookie jar is no dict");
  set(of_path, latin1_text(cookie.read.name), object);
}

void remove(PyObject* cookies, const Placed& cookie) {
  PyObject* const of_domain = item(cookies, latin1_text(cookie.domain).ptr());
  PyObject* const of_path = of_domain ? item(of_domain, latin1_text(cookie.path).ptr()) : nullptr;
  const nb::object name = latin1_text(cookie.read.name);
  if (of_path && has(of_path, name.ptr()) && PyDict_DelItem(of_path, name.ptr()) != 0) throw nb::python_error();
}

/// Whether they are dicts of dicts of dicts, as http.cookiejar makes them.
bool are_dicts(PyObject* cookies) {
  if (!cookies || !PyDict_CheckExact(cookies)) return false;
  Py_ssize_t position = 0, inner_position = 0;
  PyObject *name = nullptr, *of_domain = nullptr, *of_path = nullptr;
  while (PyDict_Next(cookies, &position, &name, &of_domain)) {
    if (!PyDict_CheckExact(of_domain)) return false;
    for (inner_position = 0; PyDict_Next(of_domain, &inner_position, &name, &of_path);) {
      if (!PyDict_CheckExact(of_path)) return false;
    }
  }
  return true;
}

/// The jar's cookies, where it is one of ours, with the usual rules, and nobody has set anything in it; else null.
PyObject* cookies_of(nb::handle own) {
  Py_ssize_t known = 0;
  for (PyObject* name : {names().cookies, names().policy, names().lock, names().now, names().list})
    known += has(own, name) ? 1 : 0;
  PyObject* const policy = item(own, names().policy);
  PyObject* const cookies = item(own, names().cookies);
  const bool usual = known == PyDict_GET_SIZE(own.ptr()) && policy && is_usual_policy(policy) && are_dicts(cookies);
  return usual ? cookies : nullptr;
}

PyObject* take_cookies_method(PyObject*, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&] {
    if (count != 3 || !PyList_CheckExact(values[2])) throw nb::type_error("take_cookies() takes jar, URL and a list");
    std::vector<std::string_view> headers;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values[2]); ++i) {
      const auto header = latin1_of(PyList_GET_ITEM(values[2], i));
      if (!header) return nb::object(nb::bool_(false));
      headers.push_back(*header);
    }
    const auto url = utf8_of(values[1]);
    return nb::object(nb::bool_(url && take_cookies(values[0], *url, headers)));
  });
}

PyObject* list_cookies_method(PyObject*, PyObject* const* values, Py_ssize_t count) noexcept {
  return guarded([&]() -> nb::object {
    if (count != 1) throw nb::type_error("list_cookies() takes a jar");
    const nb::object own = instance_dict(values[0]);
    PyObject* const policy = item(own, names().policy);
    PyObject* const cookies = item(own, names().cookies);
    if (!policy || !is_usual_policy(policy) || !are_dicts(cookies)) return nb::none();
    return cookie_list_of(cookies);
  });
}

PyMethodDef functions[] = {method("take_cookies", take_cookies_method),
                           method("list_cookies", list_cookies_method),
                           {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool take_cookies(nb::handle jar, std::string_view url, std::span<const std::string_view> headers) {
  static const bool alike = are_cookies_alike();
  if (!alike) return false;
  const bool of_session = is_of(jar, python().session_cookies);
  if (!of_session && !is_of(jar, python().agent_cookies)) return false;
  const nb::object own = instance_dict(jar);
  PyObject* const cookies = cookies_of(own);
  const auto origin = Origin::of(url);
  if (!cookies || !origin) return false;
  const std::int64_t now = seconds_now();
  std::vector<Placed> all;
  all.reserve(headers.size());
  for (const std::string_view header : headers) {
    auto read = SetCookie::of(header, now);
    if (!read || (of_session && has_escaped_quotes(*read))) return false;
    if (read->name.empty()) continue;
    all.push_back({.read = std::move(*read)});
    if (!place(all.back(), *origin, now)) return false;
  }
  // What expires goes first, whatever the order of the headers: http.cookiejar looks at all of them before it keeps
  // one.
  for (const Placed& cookie : all) {
    if (cookie.removes) remove(cookies, cookie);
  }
  for (const Placed& cookie : all) {
    if (cookie.removes || (cookie.read.domain && !origin->may_set(cookie.domain))) continue;
    put(cookies, cookie);
  }
  const nb::object seconds = checked(PyLong_FromLongLong(now));
  set(own, names().now, seconds);
  set(instance_dict(item(own, names().policy)), names().now, seconds);
  if (has(own, names().list) && PyDict_DelItem(own.ptr(), names().list) != 0) throw nb::python_error();
  return true;
}

void bind_cookie_jar(nb::module_& m) {
  if (PyModule_AddFunctions(m.ptr(), functions) != 0) throw nb::python_error();
}

}  // namespace katydid::python
