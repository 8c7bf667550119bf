#include "python/src/gevent/redirect.hpp"

#include "http/header_text.hpp"
#include "http/redirect.hpp"
#include "http/url.hpp"
#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/composing.hpp"
#include "python/src/gevent/location.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace katydid::python {
namespace {

constexpr std::array<std::string_view, 3> of_the_body_for_requests{"Content-Length", "Content-Type",
                                                                   "Transfer-Encoding"};
constexpr std::array<std::string_view, 3> of_the_body_for_agents{"Content-Length", "Content-Type", "Content-Encoding"};
/// Methods whose requests have no length if there is no body, for urllib3.
constexpr std::array<std::string_view, 6> without_body{"GET", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT"};

/// Where there is one, and no more.
std::optional<std::string_view> location_of(const Response& response) {
  std::optional<std::string_view> location;
  for (const auto& [name, value] : response.headers()) {
    if (!same_name(name, "Location")) continue;
    if (location) return std::nullopt;
    location = value;
  }
  return location;
}

/// Lines of a head, each with its CRLF, by name.
template <class Function>
void for_each_line(std::string_view lines, const Function& function) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n") + 2;
    function(lines.substr(0, lines.find(':')), lines.substr(0, end));
    lines.remove_prefix(end);
  }
}

std::string_view fields_of(const Asked& asked) {
  return std::string_view(asked.head).substr(asked.fields_at, asked.fields_end - asked.fields_at);
}

bool has_field(const Asked& asked, std::string_view wanted) {
  bool found = false;
  for_each_line(fields_of(asked), [&](std::string_view name, std::string_view) { found |= same_name(name, wanted); });
  return found;
}

bool is_same_place(const Target& one, const Target& other) {
  return one.is_https() == other.is_https() && one.host() == other.host();
}

}  // namespace

std::optional<Redirect> Redirect::of(const GreenExchange& answered, bool has_agent) {
  const Response& response = answered.response();
  if (!answered.is_redirect() || answered.streams) return std::nullopt;
  const auto location = location_of(response);
  const Asked& asked = value_of<Asked>(answered.asked);
  const auto from = Target::quoted(asked.sent_url());
  if (!location || !from || asked.certificates || has_field(asked, "Host")) return std::nullopt;
  const bool is_relative =
      !location->starts_with("/") && !location->starts_with("http://") && !location->starts_with("https://");
  if (is_relative && !asked.target.empty()) return std::nullopt;  // to a path that the agent has not quoted
  auto target = target_of_location(*from, *location, has_agent ? quoting_of_agents() : Quoting::requests);
  if (!target) return std::nullopt;
  Redirect redirect(answered, std::move(*target), has_agent);
  redirect.take_method();
  redirect.keeps_credentials_ = redirect.keeps_credentials();
  return redirect;
}

void Redirect::take_method() {
  const int status = answered_.status();
  method_ = asked_.method;
  keeps_body_ = status == 307 || status == 308;
  if (keeps_body_) return;
  if (agent_ ? method_ != "HEAD" : redirects_to_get(status, method_)) method_ = "GET";
}

bool Redirect::keeps_credentials() const {
  if (!agent_) return !strips_credentials(asked_.url, target_.url());
  const auto from = Target::quoted(value_of<Asked>(answered_.first().asked).url);
  return from && is_same_place(*from, target_);
}

bool Redirect::is_kept(std::string_view field) const {
  const auto is = [&](std::string_view name) { return same_name(field, name); };
  if (is("Cookie")) return false;
  if (is("Authorization")) return keeps_credentials_;
  if (agent_ ? is("Cookie2") : is("Proxy-Authorization")) return false;
  return keeps_body_ || std::ranges::none_of(agent_ ? of_the_body_for_agents : of_the_body_for_requests, is);
}

void Redirect::put_kept_fields(std::string& head) const {
  for_each_line(fields_of(asked_), [&](std::string_view name, std::string_view line) {
    if (is_kept(name)) head.append(line);
  });
}

nb::object Redirect::compose(nb::handle session) const {
  nb::object object = make_plain<Asked>();
  Asked& out = value_of<Asked>(object);
  auto cookie = cookies_for(session, instance_dict(session), name_of_jar(agent_), target_);
  if (!cookie) return {};
  out.cookie = std::move(*cookie);
  out.method = method_;
  out.url = target_.url();
  out.name = Py_XNewRef(asked_.name);
  out.connect_timeout = asked_.connect_timeout;
  out.timeout = asked_.timeout;
  out.verify = asked_.verify;
  if (keeps_body_) {
    out.body = asked_.body;
    out.body_type = asked_.body_type;
    out.body_object = Py_XNewRef(asked_.body_object);
  }
  out.head.reserve(asked_.head.size() + out.cookie.size() + 64);
  const auto put_host = [&] { out.head.append("Host: ").append(target_.host()).append("\r\n"); };
  if (!agent_) put_host();
  out.fields_at = out.head.size();
  put_kept_fields(out.head);
  out.fields_end = out.head.size();
  if (agent_) {
    put_host();
    // The length that is no field of the request's.
    for_each_line(std::string_view(asked_.head).substr(asked_.fields_end), [&](auto name, std::string_view line) {
      if (keeps_body_ && same_name(name, "Content-Length")) out.head.append(line);
    });
  } else if (!keeps_body_ && std::ranges::find(without_body, method_) == without_body.end()) {
    out.head.append("Content-Length: 0\r\n");
  }
  if (!out.cookie.empty()) out.head.append("Cookie: ").append(out.cookie).append("\r\n");
  return object;
}

}  // namespace katydid::python
