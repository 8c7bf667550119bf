#include "http/cookies/jar.hpp"

#include "http/ascii.hpp"
#include "http/cookies/set_cookie.hpp"
#include "http/header_text.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

using std::chrono::sys_seconds;

constexpr auto never = sys_seconds::max();
constexpr std::size_t most_host_bytes = 255, most_path_bytes = 4096;

/// One allocation, as there may be some cookies in each of ten thousand jars.
struct Cookie {
  std::string text;  // name, value, domain, path
  std::uint16_t name_size = 0, value_size = 0, domain_size = 0;
  bool host_only = true, secure = false, http_only = false;
  sys_seconds expires = never;
  std::uint64_t created = 0, used = 0;  // in the jar's count of what happened to it

  std::string_view part(std::size_t from, std::size_t size) const { return std::string_view(text).substr(from, size); }
  std::string_view name() const { return part(0, name_size); }
  std::string_view value() const { return part(name_size, value_size); }
  std::string_view domain() const { return part(std::size_t{name_size} + value_size, domain_size); }
  std::string_view path() const {
    return std::string_view(text).substr(std::size_t{name_size} + value_size + domain_size);
  }
};

/// No name of a host ends in a label of digits: what does is an IPv4 address.
bool is_address(std::string_view host) {
  if (host.starts_with('[')) return true;
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto label = host.substr(host.rfind('.') + 1);
  return !label.empty() && std::ranges::all_of(label, is_digit);
}

bool domain_matches(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size()) return false;
  const auto rest = host.size() - domain.size();
  if (!same_name(host.substr(rest), domain)) return false;
  return rest == 0 || (host[rest - 1] == '.' && !is_address(host));
}

bool path_matches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

std::string_view path_of(const Url& url) {
  const auto path = url.target.substr(0, url.target.find('?'));
  return path.starts_with('/') ? path : "/";
}

std::string_view default_path(const Url& url) {
  const auto path = path_of(url);
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

/// The machine itself needs no TLS to be trusted, as libcurl and the browsers see it.
bool is_secure(const Url& url) {
  return url.secure || same_name(url.host, "localhost") || url.host == "127.0.0.1" || url.host == "[::1]";
}

// Prefixes count in any case of letters, as there are servers that read names so.
bool wants_secure(std::string_view name) { return starts_ignoring_case(name, "__Secure-"); }
bool wants_host_only(std::string_view name) { return starts_ignoring_case(name, "__Host-"); }

/// Whether the name promises what the cookie does not keep.
bool breaks_promise(const SetCookie& cookie, bool has_domain) {
  if (wants_host_only(cookie.name)) return !cookie.secure || has_domain || cookie.path != "/";
  return wants_secure(cookie.name) && !cookie.secure;
}

sys_seconds expiry(const SetCookie& cookie, sys_seconds now) {
  if (cookie.max_age) return cookie.max_age->count() <= 0 ? sys_seconds::min() : now + *cookie.max_age;
  return cookie.expires.value_or(never);
}

sys_seconds whole_seconds(CookieJar::Time time) { return std::chrono::floor<std::chrono::seconds>(time); }

/// Whether it can be written in a Cookie header and is read back the same.
bool survives(std::string_view name, std::string_view value) {
  const auto text = std::string(name).append("=").append(value);
  const auto cookie = parse_set_cookie(text);
  return cookie && cookie->name == name && cookie->value == value;
}

}  // namespace

struct CookieJar::Contents {
  std::vector<Cookie> cookies;  // in the order in which they are sent
  std::uint64_t events = 0;

  /// Whether the new cookie, which comes in the clear, would take the place of one that is for TLS only, or hide it.
  bool protects(const Cookie& fresh) const {
    return std::ranges::any_of(cookies, [&](const Cookie& cookie) {
      return cookie.secure && cookie.name() == fresh.name() && path_matches(fresh.path(), cookie.path()) &&
             (domain_matches(fresh.domain(), cookie.domain()) || domain_matches(cookie.domain(), fresh.domain()));
    });
  }

  void put(Cookie fresh) {
    const auto same = std::ranges::find_if(cookies, [&](const Cookie& cookie) {
      return cookie.name() == fresh.name() && cookie.domain() == fresh.domain() && cookie.path() == fresh.path() &&
             cookie.host_only == fresh.host_only;
    });
    fresh.created = fresh.used = ++events;
    if (same != cookies.end()) {
      fresh.created = same->created;
      *same = std::move(fresh);
      return;
    }
    const auto place = std::ranges::upper_bound(cookies, fresh.path().size(), std::ranges::greater(),
                                                [](const Cookie& cookie) { return cookie.path().size(); });
    cookies.insert(place, std::move(fresh));
  }

  void remove_expired(sys_seconds now) {
    std::erase_if(cookies, [&](const Cookie& cookie) { return cookie.expires <= now; });
  }

  /// After one came in.
  void keep_bounds(std::string_view domain) {
    const auto is_of_domain = [&](const Cookie& cookie) { return cookie.domain() == domain; };
    const auto remove_oldest = [&](auto may_go) {
      const Cookie* oldest = nullptr;
      for (const Cookie& cookie : cookies) {
        if (may_go(cookie) &&
            (!oldest || std::pair(cookie.used, cookie.created) < std::pair(oldest->used, oldest->created)))
          oldest = &cookie;
      }
      cookies.erase(cookies.begin() + (oldest - cookies.data()));
    };
    if (static_cast<std::size_t>(std::ranges::count_if(cookies, is_of_domain)) > most_cookies_of_a_domain)
      remove_oldest(is_of_domain);
    if (cookies.size() > most_cookies) remove_oldest([](const Cookie&) { return true; });
  }
};

CookieJar::CookieJar() = default;
CookieJar::~CookieJar() = default;
CookieJar::CookieJar(CookieJar&&) noexcept = default;
CookieJar& CookieJar::operator=(CookieJar&&) noexcept = default;

std::size_t CookieJar::size() const { return contents_ ? contents_->cookies.size() : 0; }

void CookieJar::clear() { contents_.reset(); }

bool CookieJar::store(std::string_view set_cookie, const Url& from, Time time) {
  const auto parsed = parse_set_cookie(set_cookie);
  if (!parsed) return false;
  const bool has_domain = parsed->domain && !parsed->domain->empty();
  if (breaks_promise(*parsed, has_domain) || (parsed->secure && !is_secure(from))) return false;

  // A host may set cookies for itself and for what is above it. Where "above" belongs to many parties (com, co.uk), the
  // public suffix list tells, and browsers and libcurl ask libpsl, a library of its own with a list that ages. Here it
  // would guard nothing: the list keeps one site's cookies from another's, and the sites of a load test are all the
  // tester's. Locust has none either. What can be told without a list, a domain of one label, is refused.
  const auto domain = has_domain ? *parsed->domain : from.host;
  if (!domain_matches(from.host, domain)) return false;
  const bool is_own = domain.size() == from.host.size();
  if (!is_own && domain.find('.') == domain.npos) return false;
  const auto path = parsed->path && parsed->path->starts_with('/') ? *parsed->path : default_path(from);
  if (domain.empty() || domain.size() > most_host_bytes || path.size() > most_path_bytes) return false;

  Cookie cookie;
  cookie.text.reserve(parsed->name.size() + parsed->value.size() + domain.size() + path.size());
  cookie.text.append(parsed->name).append(parsed->value);
  std::ranges::transform(domain, std::back_inserter(cookie.text), ascii_lower);
  cookie.text.append(path);
  cookie.name_size = static_cast<std::uint16_t>(parsed->name.size());
  cookie.value_size = static_cast<std::uint16_t>(parsed->value.size());
  cookie.domain_size = static_cast<std::uint16_t>(domain.size());
  // What holds for many hosts when it is a name of many labels: no host is below an address or a single label.
  cookie.host_only = !has_domain || (is_own && (is_address(domain) || domain.find('.') == domain.npos));
  cookie.secure = parsed->secure;
  cookie.http_only = parsed->http_only;

  const auto now = whole_seconds(time);
  cookie.expires = expiry(*parsed, now);
  if (!contents_) {
    if (cookie.expires <= now) return true;
    contents_ = std::make_unique<Contents>();
  }
  if (!cookie.secure && !is_secure(from) && contents_->protects(cookie)) return false;
  const std::string owner(cookie.domain());
  contents_->put(std::move(cookie));
  contents_->remove_expired(now);
  contents_->keep_bounds(owner);
  if (contents_->cookies.empty()) clear();
  return true;
}

bool CookieJar::append_header(std::string& out, const Url& to, Time time) {
  if (empty()) return false;
  const auto now = whole_seconds(time);
  const bool secure = is_secure(to);
  const auto path = path_of(to);
  const auto event = ++contents_->events;
  bool any = false, any_expired = false;
  for (Cookie& cookie : contents_->cookies) {
    if (cookie.expires <= now) {
      any_expired = true;
      continue;
    }
    if (cookie.host_only ? !same_name(to.host, cookie.domain()) : !domain_matches(to.host, cookie.domain())) continue;
    if ((cookie.secure && !secure) || !path_matches(path, cookie.path())) continue;
    if (any) out += "; ";
    out.append(cookie.name()).append("=").append(cookie.value());
    cookie.used = event;
    any = true;
  }
  if (any_expired) {
    contents_->remove_expired(now);
    if (contents_->cookies.empty()) clear();
  }
  return any;
}

std::string_view CookieJar::get(std::string_view name) const {
  if (empty()) return {};
  const auto found = std::ranges::find(contents_->cookies, name, &Cookie::name);
  return found == contents_->cookies.end() ? std::string_view() : found->value();
}

void CookieJar::set(std::string_view name, std::string_view value, const Url& url, Time now) {
  if (!survives(name, value)) {
    throw std::invalid_argument(
        "a cookie needs a name without '=', and name and value without ';', control characters and spaces around them, "
        "of 4096 bytes together at most");
  }
  auto text = std::string(name).append("=").append(value).append("; Path=/");
  if (wants_secure(name) || wants_host_only(name)) text += "; Secure";
  if (!store(text, url, now)) {
    throw std::invalid_argument("the cookie " + std::string(name) + " can't be set for " + url.authority() +
                                (url.secure ? "" : " without TLS"));
  }
}

std::size_t CookieJar::erase(std::string_view name) {
  if (empty()) return 0;
  const auto count = std::erase_if(contents_->cookies, [&](const Cookie& cookie) { return cookie.name() == name; });
  if (contents_->cookies.empty()) clear();
  return count;
}

std::vector<CookieView> CookieJar::list() const {
  std::vector<CookieView> views;
  if (empty()) return views;
  views.reserve(size());
  for (const Cookie& cookie : contents_->cookies) {
    views.push_back({cookie.name(), cookie.value(), cookie.domain(), cookie.path(), cookie.host_only, cookie.secure,
                     cookie.http_only, cookie.expires == never ? std::nullopt : std::optional(cookie.expires)});
  }
  return views;
}

}  // namespace katydid
