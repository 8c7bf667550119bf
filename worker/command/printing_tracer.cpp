#include "worker/command/printing_tracer.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace katydid {
namespace {

constexpr std::size_t most = 4096;

bool is_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 32 && !std::isspace(c); });
}

void print_lines(const char* prefix, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::printf("%s%.*s\n", prefix, static_cast<int>(line.size()), line.data());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

void PrintingTracer::trace(Part part, std::string_view text) {
  const bool sent = part == Part::request_head || part == Part::request_body;
  const bool body = part == Part::request_body || part == Part::response_body;
  if (body && !is_text(text)) {
    std::printf("%c (%zu bytes)\n", sent ? '>' : '<', text.size());
  } else {
    print_lines(sent ? "> " : "< ", text.substr(0, most));
    if (text.size() > most) std::printf("%c … (%zu bytes in all)\n", sent ? '>' : '<', text.size());
  }
  std::fflush(stdout);
}

}  // namespace katydid
