#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::target {

/// The end of the request head (just past its blank line), looking from `scanned` on, which is moved along; 0 while
/// there is none.
std::size_t find_head_end(std::string_view input, std::size_t& scanned);

/// The head of a request. Everything in it points into its own copy of the bytes.
class Request {
 public:
  struct Header {
    std::string_view name, value;
  };
  enum class Framing { none, length, chunked };
  /// Why a head is refused. The connection can't be used afterwards: nobody knows where the next request starts.
  struct Refusal {
    int status;
    std::string why;
  };

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  /// Takes a whole head, its blank line included. Strict: what a careful server would refuse is refused.
  std::optional<Refusal> parse(std::string_view head);

  std::string_view header(std::string_view name) const;
  bool is_head() const { return method == "HEAD"; }

  std::string_view method;
  std::string_view target;  ///< as sent
  std::string_view path;    ///< of the target, without the query; still percent-encoded
  std::string_view query;
  std::string_view key;  ///< "METHOD /path", what the request is counted under
  int minor_version = 1;
  std::vector<Header> headers;
  bool keep_alive = true;  ///< as the client wishes
  bool expects_continue = false;
  Framing framing = Framing::none;
  std::uint64_t length = 0;  ///< with Framing::length

 private:
  std::optional<Refusal> parse_line(std::string_view line);
  std::optional<Refusal> parse_header(std::string_view line);
  std::optional<Refusal> interpret();

  std::string head_;
  std::string key_of_absolute_target_;
};

}  // namespace katydid::target
