#include "tests/support/target/routes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace katydid::target {
namespace {

Response redirect(Exchange& exchange, int status, const std::string& location) {
  const auto host = std::string(exchange.request.header("Host"));
  const bool absolute = exchange.query().count("absolute", 0, 1) != 0;
  return Response(status).header("Location",
                                 absolute ? std::string(exchange.scheme()) + "://" + host + location : location);
}

Response redirect_hops(Exchange& exchange) {
  const auto hops = parse_count(exchange.argument, "/redirect/N", 1000);
  const auto status = exchange.query().status(302);
  if (hops <= 1) return redirect(exchange, status, "/hello");
  auto next = "/redirect/" + std::to_string(hops - 1);
  if (!exchange.request.query.empty()) next.append("?").append(exchange.request.query);
  return redirect(exchange, status, next);
}

Response redirect_to(Exchange& exchange) {
  const auto query = exchange.query();
  const auto url = query.find("url");
  if (!url) throw BadRequest("/redirect-to wants ?url=...");
  if (url->find_first_of("\r\n") != std::string::npos) throw BadRequest("url has a line break");
  return Response(query.status(302)).header("Location", *url);
}

Response redirect_loop(Exchange& exchange) {
  return redirect(exchange, exchange.query().status(302), "/redirect-loop");
}

/// Parameters with these names go to every cookie set; they are spelt as in Set-Cookie.
constexpr std::string_view attributes[] = {"Path", "Domain", "Max-Age", "Expires", "SameSite", "Secure", "HttpOnly"};

bool is_attribute(std::string_view name) {
  return std::find(std::begin(attributes), std::end(attributes), name) != std::end(attributes);
}

Response set_cookies(Exchange& exchange) {
  const auto query = exchange.query();
  std::string suffix;
  for (const auto& [name, value] : query) {
    if (is_attribute(name)) suffix += "; " + name + (value.empty() ? "" : "=" + value);
  }
  Response response(200);
  for (const auto& [name, value] : query) {
    const auto cookie = name + "=" + value + suffix;
    if (cookie.find_first_of("\r\n") != std::string::npos) throw BadRequest("a cookie has a line break");
    if (!is_attribute(name)) response.header("Set-Cookie", cookie);
  }
  return response;
}

/// The cookies that came, from all Cookie headers, as a list of pairs in their order.
Response show_cookies(Exchange& exchange) {
  auto cookies = nlohmann::ordered_json::array();
  for (const auto& [header, value] : exchange.request.headers) {
    if (!equals_ignoring_case(header, "Cookie")) continue;
    for (auto rest = value; !rest.empty();) {
      const auto pair = trim(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
      const auto equals = std::min(pair.find('='), pair.size());
      auto cookie = nlohmann::ordered_json::array();
      cookie.push_back(pair.substr(0, equals));
      cookie.push_back(pair.substr(std::min(equals + 1, pair.size())));
      if (!pair.empty()) cookies.push_back(std::move(cookie));
    }
  }
  const nlohmann::ordered_json json{{"cookies", std::move(cookies)}};
  return Response::json(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

constexpr Route list[] = {
    {"/redirect/", redirect_hops, nullptr, "/redirect/N?status=302&absolute=0", "N hops to /hello"},
    {"/redirect-to", redirect_to, nullptr, "/redirect-to?url=URL&status=302", "one hop to that URL"},
    {"/redirect-loop", redirect_loop, nullptr, "/redirect-loop?status=302&absolute=0", "one hop to itself"},
    {"/cookies/set", set_cookies, nullptr, "/cookies/set?NAME=VALUE&Path=/&Max-Age=60&Secure&HttpOnly", "sets cookies"},
    {"/cookies", show_cookies, nullptr, "/cookies", "the cookies received, as JSON"},
};

}  // namespace

std::span<const Route> redirect_routes() { return list; }

}  // namespace katydid::target
