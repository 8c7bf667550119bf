#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid::target {

/// Thrown by a route whose path or query makes no sense; becomes a 400 with this text.
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Undoes %XX; with `plus`, also '+' for a space.
std::string percent_decode(std::string_view text, bool plus = false);

bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
bool is_utf8(std::string_view text);

std::string base64(std::string_view bytes);
/// Nothing when `text` is not base64.
std::optional<std::string> from_base64(std::string_view text);

/// Hexadecimal digest; `algorithm` is a name that OpenSSL knows: "MD5", "SHA256".
std::string digest(const char* algorithm, std::string_view bytes);
std::string hex(std::string_view bytes);

/// A whole number from 0 to `limit`; throws BadRequest naming `what`.
std::size_t parse_count(std::string_view text, std::string_view what, std::size_t limit);
/// A number from 0 to `limit`, fractions allowed; throws BadRequest naming `what`.
double parse_number(std::string_view text, std::string_view what, double limit);

/// The decoded parameters of a query, in order.
class Query {
 public:
  explicit Query(std::string_view query);

  std::optional<std::string> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name, std::size_t otherwise, std::size_t limit) const;
  double number(std::string_view name, double otherwise, double limit) const;
  /// An error status unless the query says otherwise: 200 to 999.
  int status(int otherwise) const;

  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace katydid::target
