#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// An http or https URL taken apart; the parts view its text.
struct Url {
  bool secure = false;
  std::string_view user_info;  ///< "user:password", as written; see credentials_of()
  std::string_view host;       ///< an IPv6 address keeps its brackets
  std::string_view port;       ///< "" when none is written
  std::string_view target;     ///< path and query as they are sent; may be empty

  /// Throws nothing: an unreadable port is 0.
  std::uint16_t port_number() const;
  /// "host" or "host:port".
  std::string authority() const;
};

/// True for "http://..." and "https://..." in any case of letters: such a URL is not added to the base URL.
bool is_absolute_url(std::string_view url);
/// Takes an absolute URL.
Url split_url(std::string_view url);
/// Makes `out` the URL of a request, as Locust and requests do: `path` as it is when it is absolute, else added to
/// `base`; without the fragment, with a "/" for a missing path, with an international host in ASCII (IDNA), and with
/// %XX for other bytes that may not stand in a URL.
void assign_url(std::string& out, std::string_view base, std::string_view path);
/// Appends it up to its fragment, with %XX for bytes that may not stand in a URL.
void append_quoted_url(std::string& out, std::string_view url);
/// It has a host, and a port that can be read.
bool leads_somewhere(const Url& url);
/// Why the host of what assign_url() made is still not in ASCII: "InvalidURL: …", or "". `parts` are the URL's.
std::string host_error(const Url& parts, std::string_view url);
/// What Locust names a request by: path and query of what assign_url() made.
std::string_view path_of_url(std::string_view url);
/// Where a Location leads that was in an answer from the absolute URL `base` (RFC 3986, 5): an absolute URL, made fit
/// for a request as assign_url() does it, or, of another scheme than http and https, the reference itself.
std::string resolve_reference(std::string_view base, std::string_view reference);
/// Whether credentials meant for `from` stay home when it redirects to `to`: another host, port or scheme, except for
/// http to https on the usual ports. As requests decides it.
bool strips_credentials(std::string_view from, std::string_view to);
/// %XX decoded.
std::string percent_decoded(std::string_view text);

/// Both are empty where there are none.
struct UrlCredentials {
  std::string user, password;

  bool exist() const { return !user.empty() || !password.empty(); }
};
/// Those in an absolute URL, decoded. A user without a colon is none, as with requests.
UrlCredentials credentials_of(const Url& url);

}  // namespace katydid
