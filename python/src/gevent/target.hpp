#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace katydid::python {

/// Whose rules say which characters of a URL become %XX.
enum class Quoting {
  requests,          ///< urllib3's parse_url() and then requests' requote_uri()
  geventhttpclient,  ///< its own requote_uri()
  none               ///< an older geventhttpclient, which sends all as it is
};

/// A URL as it is sent: absolute, quoted, without a fragment.
class Target {
 public:
  /// Nothing for a URL that only Python can judge: other schemes than http and https in small letters, names that are
  /// no plain ASCII, users and fragments, dot segments, percent signs that requests would rewrite or refuse.
  static std::optional<Target> of(std::string_view url, Quoting quoting);

  /// The same for one that Python has quoted.
  static std::optional<Target> quoted(std::string_view url);

  const std::string& url() const { return url_; }
  /// What Host says: the authority, without a port that is the scheme's own.
  std::string_view host() const;
  /// The host's name in small letters, without a port.
  std::string name() const;
  bool is_https() const { return authority_at_ == 8; }
  /// requests' `path_url`, from the path on.
  std::string_view path() const;
  bool has_fragment() const { return url_.find('#', path_at_) != url_.npos; }
  /// Adds an encoded query to the one that is there.
  void add_query(std::string_view query);

 private:
  std::string url_;
  std::size_t authority_at_ = 0, path_at_ = 0;
};

}  // namespace katydid::python
