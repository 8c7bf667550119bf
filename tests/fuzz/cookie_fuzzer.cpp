// Set-Cookie lines go to Katydid's jar and, in answers, to libcurl's; then both have to send the same cookies
// everywhere. A line on which they are known to differ goes only to Katydid's: each rule below is argued in
// docs/fast-client.md, and whatever no rule covers is a finding.
#include "http/ascii.hpp"
#include "http/cookies/date.hpp"
#include "http/cookies/jar.hpp"
#include "http/cookies/set_cookie.hpp"
#include "http/header_text.hpp"
#include "http/url.hpp"
#include "tests/fuzz/curl_exchange.hpp"
#include "tests/fuzz/expect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace katydid;

namespace {

using Clock = std::chrono::system_clock;

// A line begins with the number of the URL that sets it. Those in the clear are enough: to both, localhost is as good
// as TLS.
constexpr std::array urls{"http://www.shop.example/a/b?x=/y/z",
                          "http://shop.example/",
                          "http://x.www.shop.example/a/b/c",
                          "http://localhost/a/b",
                          "http://127.0.0.1/a/",
                          "http://shop.example/A",
                          "http://intranet/",
                          "http://[::1]/ab/c"};
constexpr std::size_t most_lines = 12;

struct Attribute {
  std::string_view name, value;
};

std::vector<Attribute> attributes(std::string_view line) {
  std::vector<Attribute> all;
  while (true) {
    const auto part = line.substr(0, line.find(';'));
    const auto equals = std::min(part.find('='), part.size());
    all.push_back({trimmed(part.substr(0, equals)), trimmed(part.substr(std::min(equals + 1, part.size())))});
    if (part.size() == line.size()) return all;
    line.remove_prefix(part.size() + 1);
  }
}

bool is_any(std::string_view name, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* other) { return same_name(name, other); });
}

bool is_number(std::string_view text) {
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && std::ranges::all_of(digits, is_digit);
}

/// What both may read in different ways: the value of an attribute.
bool differs(const Attribute& attribute) {
  const auto [name, value] = attribute;
  if (is_any(name, {"Secure", "HttpOnly"})) return !value.empty();
  if (is_any(name, {"Max-Age"})) return !is_number(value);
  if (is_any(name, {"Path"})) {
    return !value.starts_with('/') || (value.size() > 1 && value.ends_with('/')) || value.ends_with('"');
  }
  if (is_any(name, {"Domain"})) {
    const auto domain = value.substr(value.starts_with('.') ? 1 : 0);
    return domain.find('.') == domain.npos || domain.ends_with('.') || domain.starts_with('.');
  }
  if (is_any(name, {"Expires"})) {
    if (value.size() > 80) return true;
    const auto ours = parse_cookie_date(value);
    const auto theirs = curl_getdate(std::string(value).c_str(), nullptr);
    if (!ours || theirs == -1) return ours.has_value() != (theirs != -1);
    if (theirs < 0) return true;
    return ours->time_since_epoch().count() != theirs;
  }
  if (name.empty()) return !value.empty();  // newer releases of libcurl read no further
  return name.starts_with("__");            // libcurl looks for prefixes in all names
}

/// Whether it is near enough to now that the two may not agree on its being over.
bool is_near(const SetCookie& cookie) {
  const auto now = std::chrono::floor<std::chrono::seconds>(Clock::now());
  constexpr std::chrono::seconds margin(30);
  if (cookie.max_age) return std::chrono::abs(*cookie.max_age) < margin && cookie.max_age->count() > 0;
  return cookie.expires && *cookie.expires > now - margin && *cookie.expires < now + margin;
}

/// Where a cookie without a path goes.
std::string default_path(const Url& url) {
  CookieJar jar;
  jar.store("a=b", url, Clock::now());
  return std::string(jar.list().front().path);
}

struct Known {
  std::string_view name;
  std::string path;
};

bool is_argued(std::string_view line, const Url& url, std::vector<Known>& known) {
  if (line.find('\t') != line.npos) return true;
  const auto cookie = parse_set_cookie(line);
  const auto parts = attributes(line);
  const auto name = parts.front().name;
  if (name.empty()) return true;  // libcurl takes the next attribute for the cookie
  if (has_control(line)) return true;
  if (cookie && is_near(*cookie)) return true;
  if (name.size() + parts.front().value.size() > 4000) return true;

  // libcurl has one cookie where names or paths differ in the case of letters.
  const auto written = std::ranges::find_if(parts, [](const auto& part) { return same_name(part.name, "Path"); });
  const bool has_path = written != parts.end();
  const auto path = has_path ? std::string(written->value) : default_path(url);
  for (const Known& other : known) {
    if (same_name(other.name, name) && other.name != name) return true;
    if (same_name(other.path, path) && other.path != path) return true;
  }
  known.push_back({name, path});

  if (starts_ignoring_case(name, "__Host-") && (!has_path || !name.starts_with("__Host-"))) return true;
  if (starts_ignoring_case(name, "__Secure-") && !name.starts_with("__Secure-")) return true;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].value.size() > 1024 || differs(parts[i])) return true;
    if (!is_any(parts[i].name, {"Path", "Domain", "Max-Age", "Expires"})) continue;
    for (std::size_t k = 1; k < i; ++k) {
      if (same_name(parts[i].name, parts[k].name)) return true;
    }
  }
  return false;
}

std::vector<std::string> cookies_of(std::string_view request) {
  std::vector<std::string> cookies;
  constexpr std::string_view header = "\r\nCookie: ";
  const auto start = request.find(header);
  if (start == request.npos) return cookies;
  auto list = request.substr(start + header.size());
  list = list.substr(0, list.find("\r\n"));
  while (true) {
    const auto end = list.find("; ");
    cookies.emplace_back(list.substr(0, end));
    if (end == list.npos) break;
    list.remove_prefix(end + 2);
  }
  std::ranges::sort(cookies);
  return cookies;
}

void check_jar(CookieJar& jar, Clock::time_point now) {
  const auto list = jar.list();
  expect(jar.empty() == list.empty() && jar.size() == list.size(), "a jar knows its size");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const CookieView& cookie = list[i];
    expect(!cookie.name.empty() && cookie.name.size() + cookie.value.size() <= 4096, "a cookie has a name and a bound");
    expect(!has_control(cookie.name) && !has_control(cookie.value), "a cookie can be sent");
    expect((std::string(cookie.name).append(cookie.value)).find(';') == std::string::npos,
           "a cookie ends where it should");
    expect(cookie.path.starts_with('/') && !cookie.domain.empty(), "a cookie has a place");
    expect(i == 0 || list[i - 1].path.size() >= cookie.path.size(), "long paths go first");
  }
  for (const auto* url : urls) {
    std::string header = "Cookie: ";
    const bool any = jar.append_header(header, split_url(url), now);
    expect(any == (header.size() > 8), "what is said to be sent is sent");
    if (!any) continue;
    for (const auto& cookie : cookies_of("\r\n" + header + "\r\n")) {
      expect(cookie.find('=') != std::string::npos, "cookies are sent as pairs");
    }
  }
}

void check_same(CookieJar& jar, CurlExchange& curl, Clock::time_point now, std::string_view input) {
  for (const auto* url : urls) {
    std::string header;
    if (jar.append_header(header, split_url(url), now)) header.insert(0, "\r\nCookie: ").append("\r\n");
    const auto ours = cookies_of(header);
    const auto theirs = cookies_of(curl.run(url, "HTTP/1.1 204 x\r\n\r\n").request);
    if (ours == theirs) continue;
    std::fprintf(stderr, "%.*s\nto %s\n", static_cast<int>(input.size()), input.data(), url);
    for (const auto& cookie : ours) std::fprintf(stderr, "katydid: %s\n", cookie.c_str());
    for (const auto& cookie : theirs) std::fprintf(stderr, "libcurl: %s\n", cookie.c_str());
    expect(false, "both send the same cookies, or docs/fast-client.md says why not");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CurlExchange curl;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto now = Clock::now();
  CookieJar all, compared;
  std::vector<Known> known;
  curl.forget_cookies();
  auto rest = input;
  bool any = false;
  for (std::size_t i = 0; i < most_lines && !rest.empty(); ++i) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty()) continue;
    const auto* const url = urls[static_cast<unsigned char>(line.front()) % urls.size()];
    line = trimmed(line.substr(1));
    all.store(line, split_url(url), now);
    if (is_argued(line, split_url(url), known)) continue;
    compared.store(line, split_url(url), now);
    curl.run(url, std::string("HTTP/1.1 204 x\r\nSet-Cookie: ").append(line).append("\r\n\r\n"));
    any = true;
  }
  check_jar(all, now);
  if (any) check_same(compared, curl, now, input);
  return 0;
}
