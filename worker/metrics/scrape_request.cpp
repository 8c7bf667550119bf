#include "worker/metrics/scrape_request.hpp"

#include <algorithm>

namespace katydid::metrics {

std::optional<ScrapeRequest::Kind> ScrapeRequest::parse(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (received.size() >= max_bytes) return Kind::malformed;
    return std::nullopt;
  }
  const std::string_view line = received.substr(0, received.find("\r\n"));
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (end + 4 > max_bytes || !std::ranges::all_of(line, printable)) return Kind::malformed;
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == 0 || first == last) return Kind::malformed;
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Kind::malformed;
  if (!target.starts_with('/') || target.find(' ') != std::string_view::npos) return Kind::malformed;
  if (method != "GET" && method != "HEAD") return Kind::not_allowed;
  if (target.substr(0, target.find('?')) != "/metrics") return Kind::elsewhere;
  return method == "GET" ? Kind::page : Kind::head;
}

}  // namespace katydid::metrics
