#include "tests/support/target/routes/malformed.hpp"

#include <cstdint>

namespace katydid::target {
namespace {

using namespace std::string_view_literals;

std::string huge_header(const Query& query) {
  return "HTTP/1.1 200 OK\r\nX-Huge: " + std::string(query.count("bytes", 1 << 20, 64 << 20), 'x') +
         "\r\nContent-Length: 2\r\n\r\nok";
}

std::string many_headers(const Query& query) {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  const auto count = query.count("count", 100'000, 1'000'000);
  for (std::size_t i = 0; i < count; ++i) bytes += "X-" + std::to_string(i) + ": x\r\n";
  return bytes + "Content-Length: 2\r\n\r\nok";
}

std::string interim_flood(const Query& query) {
  std::string bytes;
  const auto count = query.count("count", 1000, 1'000'000);
  for (std::size_t i = 0; i < count; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  return bytes + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
}

std::string garbage(const Query& query) {
  std::string bytes(query.count("bytes", 4096, 64 << 20), '\0');
  std::uint32_t state = 2463534242;  // xorshift: the same bytes every time
  for (auto& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    byte = static_cast<char>(state);
  }
  return bytes;
}

std::string long_chunk_extension(const Query& query) {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" +
         std::string(query.count("bytes", 1 << 20, 64 << 20), 'x') + "\r\nok\r\n0\r\n\r\n";
}

constexpr Malformed kinds[] = {
    // The status line.
    {"bad-status-line", "no HTTP in it", "NONSENSE 200 OK\r\nContent-Length: 2\r\n\r\nok"sv},
    {"bad-version", "HTTP/9.9", "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok"sv},
    {"bad-status-code", "a code with a letter", "HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok"sv},
    {"long-status-code", "a code of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok"sv},
    {"no-reason", "no reason phrase; the space before it is gone too", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"sv,
     nullptr, true},
    {"http09", "a body without any head", "ok"sv},
    {"garbage", "random bytes (bytes=4096)", {}, garbage},
    {"lf-only", "lines end in LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"sv, nullptr, true},
    // Headers.
    {"bad-header", "a name with a space and a bracket",
     "HTTP/1.1 200 OK\r\nBad (Name: x\r\nContent-Length: 2\r\n\r\nok"sv},
    {"no-colon", "a header line without a colon", "HTTP/1.1 200 OK\r\nNoColonHere\r\nContent-Length: 2\r\n\r\nok"sv},
    {"space-before-colon", "Content-Length with a space before its colon",
     "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"sv},
    {"empty-name", "a header with no name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok"sv},
    {"folded-header", "a header that goes on in the next line",
     "HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\nok"sv, nullptr, true},
    {"nul-in-header", "a zero byte in a value", "HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok"sv},
    {"header-injection", "a bare CR in a value, before what looks like Set-Cookie",
     "HTTP/1.1 200 OK\r\nX-Name: a\rSet-Cookie: injected=1\r\nContent-Length: 2\r\n\r\nok"sv, nullptr, true},
    {"huge-header", "one header of a mebibyte (bytes=1048576)", {}, huge_header},
    {"many-headers", "a hundred thousand headers (count=100000)", {}, many_headers},
    // Content-Length.
    {"negative-length", "Content-Length: -1", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok"sv},
    {"text-length", "Content-Length: two", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok"sv},
    {"overflowing-length", "a Content-Length of 2^64 + 2",
     "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\nok"sv},
    {"two-content-lengths", "2 and 3", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"sv,
     nullptr, true},
    {"same-content-lengths", "2 and 2, which a client may take",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"sv, nullptr, true},
    {"length-and-chunked", "both ways to find the end",
     "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"sv, nullptr, true},
    {"extra-bytes", "more bytes than Content-Length says; the rest looks like another answer",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"sv, nullptr,
     true},
    {"no-content-with-body", "204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"sv, nullptr,
     true},
    // Chunks and encodings.
    {"chunk-garbage", "a chunk size that is no number",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n"sv},
    {"chunk-overflow", "a chunk size of 2^64 + 2",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\nok\r\n0\r\n\r\n"sv},
    {"chunk-negative", "a chunk size of -2",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n"sv},
    {"chunk-without-end", "a chunk longer than it says",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n"sv},
    {"chunk-truncated", "closes in the middle of a chunk",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nok"sv},
    {"chunk-unfinished", "closes before the last chunk",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"sv},
    {"chunk-extension-flood", "a mebibyte of chunk extension (bytes=1048576)", {}, long_chunk_extension},
    {"unknown-transfer-encoding", "Transfer-Encoding: bogus",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus\r\n\r\nok"sv},
    {"bad-gzip", "Content-Encoding: gzip over plain text",
     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"sv, nullptr, true},
    {"truncated-gzip", "the first half of a gzip stream",
     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48"sv,
     nullptr, true},
    // The order of things.
    {"1xx-flood", "a thousand times 100 Continue, then a good answer (count=1000)", {}, interim_flood, true},
    {"switching-protocols", "101 that nobody asked for",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: bogus\r\nConnection: upgrade\r\n\r\nbogus"sv},
    {"early", "a good answer before the request's body was read, which then is",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"sv, nullptr, true, true},
    {"early-close", "413 before the request's body was read, and closes",
     "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"sv, nullptr, false, true, 413},
};

}  // namespace

std::span<const Malformed> malformed_kinds() { return kinds; }

}  // namespace katydid::target
