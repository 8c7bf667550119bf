// What the metrics' server makes of any bytes, in whatever pieces they come.
#include "tests/fuzz/expect.hpp"
#include "worker/metrics/scrape_request.hpp"

#include <cstdint>

using katydid::metrics::ScrapeRequest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  std::optional<ScrapeRequest::Kind> first;
  for (std::size_t end = 0; end <= all.size(); ++end) {
    const auto kind = ScrapeRequest::parse(all.substr(0, end));
    if (first) expect(kind == first, "more bytes change an answer that was given");
    first = kind;
    expect(kind || end < ScrapeRequest::max_bytes, "it waits for ever");
    if (kind == ScrapeRequest::Kind::page) expect(all.starts_with("GET /metrics"), "a page that nobody asked for");
  }
  return 0;
}
