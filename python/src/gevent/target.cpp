#include "python/src/gevent/target.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace katydid::python {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

/// A set of bytes.
class Bytes {
 public:
  template <class... Parts>
  constexpr explicit Bytes(const Parts&... parts) {
    (add(parts), ...);
  }
  constexpr bool has(char c) const { return set_[static_cast<unsigned char>(c)]; }

 private:
  constexpr void add(std::string_view bytes) {
    for (const char c : bytes) set_[static_cast<unsigned char>(c)] = true;
  }
  std::array<bool, 256> set_{};
};

constexpr Bytes host_bytes(std::string_view("abcdefghijklmnopqrstuvwxyz"), digits, std::string_view("-._"));
constexpr Bytes path_of_requests(letters, digits, std::string_view("-._~!$&'()*+,;=:@/"));
constexpr Bytes query_of_requests(letters, digits, std::string_view("-._~!$&'()*+,;=:@/?"));
constexpr Bytes kept_by_geventhttpclient(letters, digits, std::string_view("-._~!$&'()*+,/:;=?@[]"));
constexpr Bytes safe_for_geventhttpclient(letters, digits, std::string_view("_-.~:/?@!$&'()*+,;="));

const Bytes& kept(Quoting quoting, bool in_query) {
  if (quoting == Quoting::requests) return in_query ? query_of_requests : path_of_requests;
  return quoting == Quoting::geventhttpclient ? kept_by_geventhttpclient : safe_for_geventhttpclient;
}

/// Whether %XX, where the text begins, stays as it is: no quoting would write it in another way.
bool is_normal_escape(std::string_view text, Quoting quoting) {
  if (text.size() < 3) return false;
  const int high = hex_value(text[1]), low = hex_value(text[2]);
  if (high < 0 || low < 0 || is_unreserved(static_cast<char>(high * 16 + low))) return false;
  const bool small = (text[1] >= 'a' && text[1] <= 'f') || (text[2] >= 'a' && text[2] <= 'f');
  return !small || quoting != Quoting::requests;
}

bool append_quoted(std::string& out, std::string_view text, Quoting quoting) {
  bool in_query = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i;
    while (end < text.size() && text[end] != '?' && kept(quoting, in_query).has(text[end])) ++end;
    out.append(text.substr(i, end - i));
    if (end == text.size()) return true;
    i = end;
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '?') in_query = true;
    if (kept(quoting, in_query).has(c)) {
      out += c;
    } else if (c == '%') {
      if (!is_normal_escape(text.substr(i), quoting)) return false;
      out.append(text.substr(i, 3));
      i += 2;
    } else if (c == '#' || byte < ' ' || byte == 0x7f || quoting == Quoting::none) {
      return false;
    } else {
      append_percent_encoded(out, c);
    }
  }
  return true;
}

/// "name", "name:8080".
bool is_plain_authority(std::string_view authority) {
  const std::size_t colon = authority.find(':');
  const std::string_view name = authority.substr(0, colon);
  if (name.empty()) return false;
  for (const char c : name) {
    if (!host_bytes.has(c)) return false;
  }
  if (colon == authority.npos) return true;
  const std::string_view port = authority.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.front() == '0') return false;
  std::uint32_t number = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number <= 65535;
}

/// Where it begins; 0 for other schemes.
std::size_t authority_of(std::string_view url) {
  if (url.starts_with("http://")) return 7;
  return url.starts_with("https://") ? 8 : 0;
}

std::size_t end_of_authority(std::string_view url, std::size_t authority) {
  return std::min(url.find_first_of("/?#", authority), url.size());
}

}  // namespace

std::optional<Target> Target::of(std::string_view url, Quoting quoting) {
  Target target;
  target.authority_at_ = authority_of(url);
  if (target.authority_at_ == 0) return std::nullopt;
  const std::size_t end = end_of_authority(url, target.authority_at_);
  if (!is_plain_authority(url.substr(target.authority_at_, end - target.authority_at_))) return std::nullopt;
  std::string_view rest = url.substr(end);
  if (rest.empty() && quoting == Quoting::requests) rest = "/";
  // A question mark without a query is left out by both.
  if (!rest.starts_with('/') || rest.starts_with("//") || rest.ends_with('?')) return std::nullopt;
  const std::string_view path = rest.substr(0, rest.find('?'));
  if (quoting == Quoting::requests && path.find("/.") != path.npos) return std::nullopt;
  target.url_.reserve(url.size() + 64);
  target.url_ = url.substr(0, end);
  target.path_at_ = end;
  if (!append_quoted(target.url_, rest, quoting)) return std::nullopt;
  return target;
}

std::optional<Target> Target::quoted(std::string_view url) {
  Target target;
  target.authority_at_ = authority_of(url);
  if (target.authority_at_ == 0) return std::nullopt;
  target.path_at_ = end_of_authority(url, target.authority_at_);
  target.url_ = url;
  return target;
}

std::string_view Target::path() const {
  const std::string_view rest = std::string_view(url_).substr(path_at_);
  return rest.substr(0, rest.find('#'));
}

std::string_view Target::host() const {
  std::string_view authority = std::string_view(url_).substr(authority_at_, path_at_ - authority_at_);
  const std::string_view own = is_https() ? ":443" : ":80";
  if (authority.ends_with(own)) authority.remove_suffix(own.size());
  return authority;
}

std::string Target::name() const {
  std::string_view authority = std::string_view(url_).substr(authority_at_, path_at_ - authority_at_);
  const std::size_t colon = authority.rfind(':');
  if (colon != authority.npos && colon + 1 < authority.size() &&
      std::ranges::all_of(authority.substr(colon + 1), [](char c) { return is_digit(c); }))
    authority = authority.substr(0, colon);
  std::string name(authority);
  for (char& c : name) c = ascii_lower(c);
  return name;
}

void Target::add_query(std::string_view query) {
  url_ += url_.find('?', path_at_) == url_.npos ? '?' : '&';
  url_.append(query);
}

}  // namespace katydid::python
