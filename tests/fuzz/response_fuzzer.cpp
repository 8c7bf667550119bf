// Whatever a server sends: it is an answer or an error with a text, the same in whatever pieces it comes, and libcurl
// reads it the same. Where only one of them takes it, docs/fast-client.md has to say why: each rule below is there.
#include "http/error_text.hpp"
#include "http/fast/response_parser.hpp"
#include "http/header_text.hpp"
#include "tests/fuzz/curl_exchange.hpp"
#include "tests/fuzz/expect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>

using namespace katydid;

namespace {

constexpr std::uint64_t most_body = 100'000;

struct Outcome {
  bool accepted = false;
  Response::Content content;
  std::string error, phrase;
  bool keeps_alive = false;
  std::size_t left = 0;

  /// Without what an error shows of the line, of which only a part may have been there.
  std::string_view kind() const { return std::string_view(error).substr(0, error.find(": '")); }
};

/// What has come of an answer.
struct Arrived final : Source {
  explicit Arrived(std::string_view b) : bytes(b) {}
  std::size_t read(char* to, std::size_t most) override {
    const auto size = bytes.copy(to, most);
    bytes.remove_prefix(size);
    return size;
  }
  std::string_view bytes;
};

/// In pieces of so many bytes, after a first one of another size; or what may be is read straight into the body.
Outcome parse(std::string_view bytes, std::size_t first, std::size_t piece, bool to_head, bool takes = false) {
  ResponseParser parser;
  Outcome outcome;
  parser.start({.to_head = to_head}, most_body);
  auto progress = ResponseParser::Progress::more;
  for (auto size = first; progress == ResponseParser::Progress::more && !bytes.empty(); size = piece) {
    auto part = bytes.substr(0, size);
    const auto given = part.size();
    if (takes && parser.left_of_body() > 0 && parser.may_take()) {
      Arrived arrived(part);
      const auto before = parser.left_of_body();
      const auto taken = parser.take(arrived, part.size(), outcome.content.body);
      expect(parser.left_of_body() == before - taken, "what is taken is no longer to come");
      bytes.remove_prefix(taken);
      continue;
    }
    progress = parser.feed(part, outcome.content);
    expect(progress != ResponseParser::Progress::more || part.empty(), "what is needed is taken");
    bytes.remove_prefix(given - part.size());
  }
  if (progress == ResponseParser::Progress::more) progress = parser.end_of_stream();
  expect(progress != ResponseParser::Progress::more, "the end is the end");
  outcome.accepted = progress == ResponseParser::Progress::done;
  outcome.error = parser.error();
  outcome.phrase = parser.reason();
  outcome.keeps_alive = parser.keeps_alive();
  outcome.left = bytes.size();
  return outcome;
}

/// The same as a stream, whose body is taken away as it comes.
Outcome parse_as_stream(std::string_view bytes, std::size_t piece, bool to_head) {
  ResponseParser parser;
  Outcome outcome;
  parser.start({.to_head = to_head, .in_pieces = true}, most_body);
  std::string body;
  auto progress = ResponseParser::Progress::more;
  while (progress == ResponseParser::Progress::more && !bytes.empty()) {
    auto part = bytes.substr(0, piece);
    const auto given = part.size();
    progress = parser.has_head() ? parser.feed_body(part, outcome.content.body) : parser.feed(part, outcome.content);
    if (parser.has_head()) body += std::exchange(outcome.content.body, {});
    bytes.remove_prefix(given - part.size());
  }
  if (progress == ResponseParser::Progress::more) progress = parser.end_of_stream();
  outcome.accepted = progress == ResponseParser::Progress::done;
  outcome.error = parser.error();
  outcome.keeps_alive = parser.keeps_alive();
  outcome.left = bytes.size();
  outcome.content.body = std::move(body);
  return outcome;
}

void check_sanity(const Outcome& outcome, std::string_view bytes, bool to_head) {
  const auto& [status, block, body] =
      std::tie(outcome.content.status, outcome.content.header_block, outcome.content.body);
  expect(outcome.accepted == outcome.error.empty(), "a refusal has a text, and nothing else has");
  if (!outcome.accepted) {
    expect(std::ranges::all_of(outcome.error, [](char c) { return c >= ' ' && c <= '~'; }), "an error can be shown");
    expect(outcome.error.size() < 300, "an error is short");
    expect(!outcome.keeps_alive, "nothing comes after an error");
    return;
  }
  expect(!has_control(outcome.phrase), "the server's words can be shown");
  expect(status >= 200 && status <= 999, "a status has three digits");
  expect(body.size() <= std::min<std::uint64_t>(most_body, bytes.size()), "a body comes from somewhere");
  expect(body.empty() || !(to_head || status == 204 || status == 304), "what has no body has none");
  for (std::string_view rest = block; !rest.empty();) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    const auto name = token_length(line);
    expect(name > 0 && name < line.size() && line[name] == ':' && !has_control(line), "a header is one");
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
  }
}

void check_pieces(const Outcome& whole, std::string_view bytes, std::size_t hash, bool to_head) {
  const auto split = bytes.empty() ? 0 : hash % bytes.size();
  struct Pieces {
    std::size_t first, others;
  };
  for (const std::size_t piece : {std::size_t{1}, split + 1, bytes.size()}) {
    const auto stream = parse_as_stream(bytes, piece, to_head);
    if (whole.error.starts_with("BodyTooLarge")) continue;  // that is for whoever takes the pieces
    expect(stream.accepted == whole.accepted && stream.kind() == whole.kind(), "a stream has the same verdict");
    if (!whole.accepted) continue;
    expect(stream.content.body == whole.content.body, "a stream has the same body");
    expect(stream.keeps_alive == whole.keeps_alive && stream.left == whole.left, "a stream leaves the same");
  }
  const std::array pieces{Pieces{1, 1}, Pieces{split + 1, bytes.size()}, Pieces{split % 7 + 1, split % 13 + 1}};
  for (const auto& [first, piece] : pieces) {
    const auto other = parse(bytes, first, piece, to_head, split % 2 == 0);
    expect(other.accepted == whole.accepted, "pieces don't change the verdict");
    expect(other.kind() == whole.kind(), "pieces don't change the reason");
    if (!whole.accepted) continue;
    expect(other.phrase == whole.phrase, "pieces don't change the server's words");
    expect(other.content.status == whole.content.status, "pieces don't change the status");
    expect(other.content.header_block == whole.content.header_block, "pieces don't change the headers");
    expect(other.content.body == whole.content.body, "pieces don't change the body");
    expect(other.keeps_alive == whole.keeps_alive && other.left == whole.left, "pieces don't change the connection");
  }
}

bool has_odd_control(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n')
      ++i;  // a line end
    else if (bytes[i] != '\n' && has_control(bytes.substr(i, 1)))
      return true;
  }
  return false;
}

/// In any case of letters.
bool has(std::string_view bytes, std::string_view word) {
  const auto same = [](char a, char b) { return same_name({&a, 1}, {&b, 1}); };
  return !std::ranges::search(bytes, word, same).empty();
}

bool has_odd_name(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    bytes.remove_prefix(end + 1);
    const auto name = token_length(bytes);
    if (name == 0 || bytes.substr(name, 1) != ":") return true;
  }
  return false;
}

/// Behind the empty line that ends a head, or all of it without one.
std::string_view after_head(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    if (line.empty() || line == "\r") break;
  }
  return bytes;
}

bool is_status_line(std::string_view line) {
  const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  return line.size() >= 12 && (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && digit(9) &&
         line[9] != '0' && digit(10) && digit(11) && (line.size() == 12 || line[12] == ' ') && !has_control(line);
}

bool has_odd_status(std::string_view bytes) {
  do {
    auto line = bytes.substr(0, bytes.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_status_line(line)) return true;
    bytes = after_head(bytes);
  } while (!bytes.empty());
  return false;
}

/// A folded line where there is nothing to fold it to: libcurl 7.88 puts it to a header of the answer before, whose
/// memory it has given back.
bool breaks_libcurl(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    if (same_name(line.substr(0, 5), "HTTP/") && (bytes.starts_with(' ') || bytes.starts_with('\t'))) return true;
  }
  return false;
}

bool has_folded_line(std::string_view bytes) { return has(bytes, "\n ") || has(bytes, "\n\t"); }
bool has_length(std::string_view bytes) { return has(bytes, "Content-Length:"); }
bool has_coding(std::string_view bytes) { return has(bytes, "Transfer-Encoding:"); }
bool has_both(std::string_view bytes) { return has_length(bytes) && has_coding(bytes); }
/// The line feed that ends all of it.
bool lacks_last_byte(std::string_view bytes) { return has_coding(bytes) && bytes.ends_with("\r\n\r"); }
bool has_provisional(std::string_view bytes) { return has(bytes, "HTTP/1.1 1") || has(bytes, "HTTP/1.0 1"); }

std::string_view after_line(std::string_view bytes) {
  const auto end = bytes.find("\r\n");
  return end == bytes.npos ? std::string_view() : bytes.substr(end + 2);
}

/// A second opinion on the framing of a chunked body.
bool has_odd_chunk(std::string_view bytes) {
  std::string_view body;
  do {
    body = after_head(bytes);
    if (!bytes.substr(9).starts_with('1')) break;
    bytes = body;
  } while (bytes.size() > 9);
  while (true) {
    const auto line = body.substr(0, body.find("\r\n"));
    if (line.size() == body.size() || has_control(line)) return true;
    const auto digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    const auto rest = line.find_first_not_of(" \t", digits);
    if (digits == 0 || digits > 15 || (rest != line.npos && line[rest] != ';')) return true;
    const auto size = std::stoull(std::string(line.substr(0, digits)), nullptr, 16);
    body = after_line(body);
    if (size == 0) break;
    if (size > body.size() || body.substr(static_cast<std::size_t>(size), 2) != "\r\n") return true;
    body.remove_prefix(static_cast<std::size_t>(size) + 2);
  }
  for (; !body.starts_with("\r\n"); body = after_line(body)) {
    const auto line = body.substr(0, body.find("\r\n"));
    const auto name = token_length(line);
    if (name == 0 || line.substr(name, 1) != ":" || line.size() > 4000 || has_control(line)) return true;
  }
  return false;
}

/// What Katydid refuses and libcurl may take.
struct Refusal {
  std::string_view text;
  bool (*is_there)(std::string_view bytes);
};
constexpr std::array refusals{
    Refusal{"ProtocolError: a line of the chunks does not end in CRLF", has_odd_chunk},
    Refusal{"ProtocolError: a header's value holds a control character", has_odd_control},
    Refusal{"ProtocolError: a header's name makes no sense", has_odd_name},
    Refusal{"ProtocolError: a header goes on in a line where it must not", has_folded_line},
    Refusal{"ProtocolError: the Content-Length makes no sense", has_length},
    Refusal{"ProtocolError: the Transfer-Encoding is not known", has_coding},
    Refusal{"ProtocolError: both a Transfer-Encoding and a Content-Length", has_both},
    Refusal{"ProtocolError: a chunk's size makes no sense", has_odd_chunk},
    Refusal{"ProtocolError: a chunk's size is too large", has_odd_chunk},
    Refusal{"ProtocolError: a chunk is longer than its size", has_odd_chunk},
    Refusal{"ProtocolError: a trailer makes no sense", has_odd_chunk},
    Refusal{incomplete_body, lacks_last_byte},
    Refusal{"ProtocolError: a provisional answer with a body", has_provisional},
    Refusal{"ProtocolError: the server switches protocols without being asked to", has_provisional},
    Refusal{"ProtocolError: the status line makes no sense", has_odd_status},
    Refusal{"ProtocolError: the answer is not HTTP/1", has_odd_status},
};

bool is_argued_refusal(const Outcome& ours, const CurlExchange::Result& theirs, std::string_view bytes) {
  // libcurl reports the status of a head that was cut off, or of a provisional one.
  if (ours.error.ends_with("before the end of the headers")) return theirs.body.empty();
  return std::ranges::any_of(refusals,
                             [&](const Refusal& rule) { return ours.kind() == rule.text && rule.is_there(bytes); });
}

/// Lines are ended, and folded ones put together, in more ways than one.
std::string comparable(std::string head) {
  tidy_lines(head);
  std::ranges::replace(head, '\t', ' ');
  const auto ends = std::ranges::unique(head, [](char a, char b) { return a == ' ' && b == ' '; });
  head.erase(ends.begin(), ends.end());
  return head;
}

void report(const Outcome& ours, const CurlExchange::Result& theirs) {
  std::fprintf(stderr, "katydid: %s status %d, %zu bytes of body, headers:\n%s\n", ours.error.c_str(),
               ours.content.status, ours.content.body.size(), ours.content.header_block.c_str());
  std::fprintf(stderr, "libcurl: %s status %ld, %zu bytes of body, headers:\n%s\n", curl_easy_strerror(theirs.code),
               theirs.status, theirs.body.size(), theirs.head.c_str());
}

void check_same(const Outcome& ours, std::string_view bytes, bool to_head) {
  if (breaks_libcurl(bytes)) return;
  static CurlExchange curl;
  const auto theirs = curl.run("http://localhost/", bytes, to_head);
  const bool accepted = theirs.code == CURLE_OK;
  if (!ours.accepted && !accepted) return;
  const char* difference = nullptr;
  if (ours.accepted && !accepted) {
    difference = "libcurl takes all that Katydid takes";
  } else if (!ours.accepted) {
    if (is_argued_refusal(ours, theirs, bytes)) return;
    difference = "what only libcurl takes is argued in docs/fast-client.md";
  } else if (ours.content.status != theirs.status) {
    difference = "both see the same status";
  } else if (ours.content.body != theirs.body) {
    difference = "both see the same body";
  } else if (comparable(ours.content.header_block) != comparable(theirs.head)) {
    difference = "both see the same headers";
  }
  if (!difference) return;
  report(ours, theirs);
  expect(false, difference);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto hash = std::hash<std::string_view>()(bytes);
  for (const bool to_head : {false, true}) {
    const auto whole = parse(bytes, bytes.size(), 1, to_head);
    check_sanity(whole, bytes, to_head);
    check_pieces(whole, bytes, hash, to_head);
    if (to_head == (hash % 4 == 0)) check_same(whole, bytes, to_head);
  }
  return 0;
}
