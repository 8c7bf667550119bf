#include "http/url.hpp"

#include "http/ascii.hpp"
#include "http/idna.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace katydid {
namespace {

/// What may stand in a URL as it is: RFC 3986's reserved and unreserved characters, and the percent sign.
constexpr auto stays = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (const char c : std::string_view("-._~!$%&'()*+,/:;=?@[]")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// The length of "http://" or "https://" at the start, 0 without.
std::size_t scheme_length(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (starts_ignoring_case(url, scheme)) return scheme.size();
  }
  return 0;
}

/// Where path and query start, of what has no fragment.
std::size_t target_start(std::string_view url, std::size_t scheme) {
  const auto begins_it = [](char c) { return c == '/' || c == '?'; };
  return static_cast<std::size_t>(std::ranges::find_if(url.substr(scheme), begins_it) - url.begin());
}

/// The same of an absolute URL.
std::size_t authority_end(std::string_view url) {
  const auto scheme = scheme_length(url);
  return scheme == 0 ? 0 : target_start(url, scheme);
}

/// "" for one in ASCII, and for an address.
std::string international_host(std::string_view host) {
  if (host.find('%') == host.npos || host.starts_with('[')) return {};
  auto name = percent_decoded(host);
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  return std::ranges::all_of(name, is_ascii) ? std::string() : name;
}

void encode_host(std::string& url) {
  const auto host = split_url(url).host;
  const auto name = international_host(host);
  if (name.empty()) return;
  const auto start = static_cast<std::size_t>(host.data() - url.data());
  if (const auto ascii = ascii_host(name); ascii.error.empty()) url.replace(start, host.size(), ascii.name);
}

}  // namespace

std::uint16_t Url::port_number() const {
  if (port.empty()) return secure ? 443 : 80;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() ? number : 0;
}

std::string Url::authority() const {
  std::string text(host);
  if (!port.empty()) text.append(":").append(port);
  return text;
}

bool is_absolute_url(std::string_view url) {
  return !url.empty() && ascii_lower(url[0]) == 'h' && scheme_length(url) > 0;
}

Url split_url(std::string_view url) {
  const auto scheme = scheme_length(url);
  Url parts;
  parts.secure = scheme == std::string_view("https://").size();
  url = url.substr(0, url.find('#'));
  const auto target = target_start(url, scheme);
  parts.target = url.substr(target);
  auto authority = url.substr(scheme, target - scheme);
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    parts.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  const bool has_port = colon != authority.npos && (bracket == authority.npos || bracket < colon);
  parts.host = authority.substr(0, has_port ? colon : authority.size());
  if (has_port) parts.port = authority.substr(colon + 1);
  return parts;
}

void append_quoted_url(std::string& out, std::string_view url) {
  const auto keeps = [](char c) { return stays[static_cast<unsigned char>(c)]; };
  while (!url.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(url, keeps) - url.begin());
    out.append(url.substr(0, plain));
    if (plain == url.size() || url[plain] == '#') return;
    append_percent_encoded(out, url[plain]);
    url.remove_prefix(plain + 1);
  }
}

bool leads_somewhere(const Url& url) {
  const bool has_stray_port = url.host.find(':') != url.host.npos && !url.host.starts_with('[');
  return !url.host.empty() && !has_stray_port && (url.port.empty() || url.port_number() != 0);
}

void assign_url(std::string& out, std::string_view base, std::string_view path) {
  out.clear();
  if (!is_absolute_url(path)) append_quoted_url(out, base);
  append_quoted_url(out, path);
  const auto start = authority_end(out);
  if (start == out.size() || out[start] == '?') out.insert(start, 1, '/');
  if (std::string_view(out).substr(0, start).find('%') != out.npos) encode_host(out);
}

std::string host_error(const Url& parts, std::string_view url) {
  const auto name = international_host(parts.host);
  if (name.empty()) return {};
  return "InvalidURL: the host is no name that can be looked up (" + ascii_host(name).error + "): " + std::string(url);
}

std::string_view path_of_url(std::string_view url) { return url.substr(authority_end(url)); }

namespace {

/// RFC 3986, 5.2.4, on a path that begins with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = path.find('/', 1);
    const auto segment = path.substr(0, end);
    path.remove_prefix(segment.size());
    if (segment == "/.") {
      if (path.empty()) out += '/';
    } else if (segment == "/..") {
      out.erase(std::min(out.rfind('/'), out.size()));
      if (path.empty()) out += '/';
    } else {
      out.append(segment);
    }
  }
  return out;
}

/// Whether it begins with a scheme, "mailto:" for example.
bool has_scheme(std::string_view reference) {
  const auto colon = reference.find_first_of(":/?#");
  return colon != reference.npos && colon > 0 && reference[colon] == ':';
}

}  // namespace

std::string resolve_reference(std::string_view base, std::string_view reference) {
  std::string next;
  if (!is_absolute_url(reference)) {
    if (has_scheme(reference)) return std::string(reference);
    const Url from = split_url(base);
    next = from.secure ? "https:" : "http:";
    if (reference.starts_with("//")) {
      next.append(reference);
    } else {
      next.append("//").append(from.authority());
      const auto path = from.target.substr(0, from.target.find('?'));
      reference = reference.substr(0, reference.find('#'));
      if (reference.empty()) {
        next.append(from.target);
      } else if (reference.front() == '?') {
        next.append(path).append(reference);
      } else {
        std::string merged;
        if (reference.front() != '/') merged = path.substr(0, path.rfind('/') + 1);
        if (reference.front() != '/' && merged.empty()) merged = "/";
        merged.append(reference);
        const auto query = std::min(merged.find('?'), merged.size());
        next.append(without_dot_segments(std::string_view(merged).substr(0, query))).append(merged, query);
      }
    }
  } else {
    next = reference;
  }
  std::string url;
  assign_url(url, {}, next);
  return url;
}

bool strips_credentials(std::string_view from, std::string_view to) {
  const Url a = split_url(from);
  const Url b = split_url(to);
  if (!same_name(a.host, b.host)) return true;
  if (!a.secure && b.secure && a.port_number() == 80 && b.port_number() == 443) return false;
  return a.secure != b.secure || a.port_number() != b.port_number();
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

UrlCredentials credentials_of(const Url& url) {
  const auto colon = url.user_info.find(':');
  if (colon == url.user_info.npos) return {};
  return {percent_decoded(url.user_info.substr(0, colon)), percent_decoded(url.user_info.substr(colon + 1))};
}

}  // namespace katydid
