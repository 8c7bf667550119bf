#pragma once

#include <nanobind/nanobind.h>

#include <span>
#include <string_view>

namespace katydid::python {

namespace nb = nanobind;

/// Has a SessionCookies or AgentCookies take the cookies of an answer from that URL, by the values of its Set-Cookie
/// headers, as http.cookiejar's extract_cookies() does. False, and nothing has changed, where http.cookiejar has to do
/// it itself: for other jars, jars with rules of their own, and headers in unusual forms.
bool take_cookies(nb::handle jar, std::string_view url, std::span<const std::string_view> headers);

void bind_cookie_jar(nb::module_& m);

}  // namespace katydid::python
