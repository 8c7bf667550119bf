#include "tests/support/target/request.hpp"

#include "tests/support/target/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace katydid::target {
namespace {

using Refusal = Request::Refusal;

/// The characters of methods and header names (RFC 9110, token).
constexpr auto token_characters = [] {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const unsigned char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[c] = true;
  }
  return table;
}();

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

/// Whether a comma-separated header lists `word`.
bool lists(std::string_view value, std::string_view word) {
  while (!value.empty()) {
    const auto item = value.substr(0, value.find(','));
    if (equals_ignoring_case(trim(item), word)) return true;
    value.remove_prefix(std::min(item.size() + 1, value.size()));
  }
  return false;
}

Refusal bad(std::string why) { return {400, std::move(why)}; }

}  // namespace

std::size_t find_head_end(std::string_view input, std::size_t& scanned) {
  constexpr std::string_view blank_line = "\r\n\r\n";
  auto end = input.find(blank_line, scanned);
  if (end != std::string_view::npos) return end + blank_line.size();
  // Bare line feeds never make a head; ending at them lets the parser say so, instead of waiting for ever.
  end = input.find("\n\n", scanned);
  if (end != std::string_view::npos) return end + 2;
  scanned = input.size() < 3 ? 0 : input.size() - 3;
  return 0;
}

std::optional<Refusal> Request::parse(std::string_view head) {
  head_.assign(head);
  headers.clear();
  keep_alive = true;
  expects_continue = false;
  framing = Framing::none;
  length = 0;

  std::string_view rest = head_;
  if (rest.starts_with("\r\n")) rest.remove_prefix(2);  // some clients end the previous body with one too many
  for (bool first = true;; first = false) {
    const auto end = rest.find('\n');
    if (end == 0 || end == std::string_view::npos || rest[end - 1] != '\r') return bad("a line does not end in CR LF");
    const auto line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    if (line.empty() && !first) return interpret();
    if (auto refusal = first ? parse_line(line) : parse_header(line)) return refusal;
  }
}

std::optional<Refusal> Request::parse_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return bad("the request line is not 'METHOD target HTTP/1.1'");
  method = line.substr(0, first);
  target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);

  if (!is_token(method)) return bad("the method is no token");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{version.starts_with("HTTP/") ? 505 : 400, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  minor_version = version.back() - '0';
  if (std::any_of(target.begin(), target.end(), [](char c) { return is_control(c) || c == '\t'; })) {
    return bad("the target has control characters");
  }

  path = target;
  if (!target.starts_with('/')) {
    const auto scheme = target.find("://");
    if (scheme != std::string_view::npos) {  // the form that proxies get
      path.remove_prefix(std::min(target.find_first_of("/?", scheme + 3), target.size()));
    } else if (target != "*") {
      return bad("the target is neither a path nor an absolute URL");
    }
  }
  const auto mark = std::min(path.find('?'), path.size());
  query = path.substr(std::min(mark + 1, path.size()));
  path = path.substr(0, mark);
  if (path.empty()) path = "/";
  if (path.find('#') != std::string_view::npos || query.find('#') != std::string_view::npos) {
    return bad("the target has a fragment, which never leaves a client");
  }

  if (target.starts_with('/')) {
    key = line.substr(0, first + 1 + path.size());
  } else {
    key_of_absolute_target_.assign(method).append(" ").append(path);
    key = key_of_absolute_target_;
  }
  return std::nullopt;
}

std::optional<Refusal> Request::parse_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header has no colon: '" + std::string(line) + "'");
  const auto name = line.substr(0, colon);
  const auto value = trim(line.substr(colon + 1));
  if (!is_token(name)) return bad("a header's name is no token: '" + std::string(name) + "'");
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return bad("the value of header " + std::string(name) + " has control characters");
  }
  headers.push_back({name, value});
  return std::nullopt;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& header : headers) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::optional<Refusal> Request::interpret() {
  int hosts = 0;
  bool close = false, keep = false, chunked = false, has_length = false;
  for (const auto& [name, value] : headers) {
    switch (name.size()) {  // few headers matter: most are passed over without a comparison
      case 4:
        if (equals_ignoring_case(name, "Host")) ++hosts;
        break;
      case 6:
        if (equals_ignoring_case(name, "Expect")) {
          if (!equals_ignoring_case(value, "100-continue")) return Refusal{417, "the only expectation is 100-continue"};
          expects_continue = minor_version > 0;
        }
        break;
      case 10:
        if (equals_ignoring_case(name, "Connection")) {
          close = close || lists(value, "close");
          keep = keep || lists(value, "keep-alive");
        }
        break;
      case 14:
        if (equals_ignoring_case(name, "Content-Length")) {
          if (has_length) return bad("two Content-Length headers");
          has_length = true;
          const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
          if (error != std::errc{} || end != value.data() + value.size()) return bad("Content-Length is no number");
        }
        break;
      case 17:
        if (equals_ignoring_case(name, "Transfer-Encoding")) {
          if (chunked || !equals_ignoring_case(value, "chunked")) {
            return Refusal{501, "the only transfer encoding is chunked"};
          }
          chunked = true;
        }
        break;
      default:
        break;
    }
  }
  if (chunked && has_length) return bad("both Content-Length and Transfer-Encoding");
  if (chunked && minor_version == 0) return bad("Transfer-Encoding in HTTP/1.0");
  if (hosts > 1 || (hosts == 0 && minor_version == 1)) return bad("HTTP/1.1 wants exactly one Host header");
  keep_alive = !close && (minor_version == 1 || keep);
  framing = chunked ? Framing::chunked : has_length ? Framing::length : Framing::none;
  return std::nullopt;
}

}  // namespace katydid::target
