// What libcurl calls while a transfer runs. None of it runs a coroutine.
#include "http/curl/body.hpp"
#include "http/curl/session.hpp"
#include "http/curl/transfer.hpp"
#include "http/curl/version.hpp"
#include "http/error_text.hpp"
#include "http/header_text.hpp"
#include "http/large_bodies.hpp"
#include "http/redirect.hpp"
#include "net/stream_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t largest_header_block = 1 << 20;
/// What one turn of libcurl may bring of a stream, before somebody looks at it.
constexpr std::size_t most_news = 256 * 1024;
/// What is smaller usually is all of its body.
constexpr std::size_t piece_of_large_body = 1024;
constexpr char no_waiting[] = "HttpUser sends no body that has to be waited for; FastHttpUser does";

}  // namespace

/// What libcurl asks for, as far as it is there; 0 at the end.
std::size_t CurlTransfer::read_body(char* room, std::size_t size) {
  const auto all = source_->size();
  if (all) size = static_cast<std::size_t>(std::min<std::uint64_t>(size, *all - taken_));
  while (piece_.empty() && size > 0) {
    const auto next = source_->next();
    if (next.state == BodySource::State::later) throw std::runtime_error(no_waiting);
    if (next.state == BodySource::State::end) {
      if (all && taken_ < *all) throw std::runtime_error(ended_early(taken_, *all));
      return 0;
    }
    piece_ = next.piece;
  }
  const std::size_t read = piece_.copy(room, size);
  piece_.remove_prefix(read);
  taken_ += read;
  return read;
}

std::size_t CurlTransfer::on_read(char* room, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  try {
    return transfer.read_body(room, size);
  } catch (const std::exception& error) {
    transfer.error_ = body_error(error.what());
    return CURL_READFUNC_ABORT;
  }
}

/// To the beginning, for a second try or a redirect.
int CurlTransfer::on_seek(void* self, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.piece_ = {};
  transfer.taken_ = 0;
  const bool done = offset == 0 && origin == SEEK_SET && transfer.source_ && transfer.source_->rewind();
  return done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

std::size_t CurlTransfer::stream_body(std::string_view bytes) {
  if (body_stream_->is_held() || news_ >= most_news) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  const std::size_t before = body_stream_->pending().size();
  if (!body_stream_->take_in(bytes)) return 0;
  news_ += body_stream_->pending().size() - before;
  tell_soon();
  return bytes.size();
}

/// libcurl reads on as long as something comes, and looks again at those that had their fill before it returns.
bool CurlTransfer::had_its_turn(std::size_t size) {
  if (std::exchange(turn_, loop_.turn()) != loop_.turn()) news_ = 0;
  if (news_ >= std::max(session_.multi().part_of_turn(), easy_.buffer_size())) {
    paused_ = true;
    continue_soon();
    return true;
  }
  news_ += size;
  return false;
}

/// A body whose first piece has that size.
void CurlTransfer::reserve_body_of(std::size_t first_piece) {
  curl_off_t length = -1;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (std::cmp_greater(length, first_piece)) reserve_body(content_->body, static_cast<std::uint64_t>(length));
}

std::size_t CurlTransfer::on_body(char* data, std::size_t, std::size_t size, void* self) try {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.body_stream_) return transfer.stream_body({data, size});
  if (transfer.had_its_turn(size)) return CURL_WRITEFUNC_PAUSE;
  if (transfer.sums_pieces()) {
    return transfer.sum_up({data, size}, transfer.session_.options, transfer.is_encoded_) ? size : 0;
  }
  if (transfer.discards_) {
    transfer.content_->discarded += size;
    return size;
  }
  auto& body = transfer.content_->body;
  const auto limit = transfer.session_.options.max_body;
  if (size > limit || body.size() > limit - size) {
    transfer.error_ = body_too_large(limit);
    return 0;
  }
  if (body.empty() && size >= piece_of_large_body) transfer.reserve_body_of(size);
  body.append(data, size);
  return size;
} catch (const std::bad_alloc&) {
  return 0;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t, std::size_t size, void* self) try {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.body_stream_) return size;  // behind the body
  auto& block = transfer.content_->header_block;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    if (const auto error = other_version(transfer.version_, line); !error.empty()) {
      transfer.error_ = with_place(std::string(error), transfer.place());
      return 0;
    }
    block.clear();
    transfer.in_headers_ = true;
    transfer.is_encoded_ = transfer.has_location_ = false;
    const auto phrase = line.find(' ', line.find(' ') + 1);
    transfer.reason_ = phrase == line.npos ? std::string_view() : line.substr(phrase + 1);
  } else if (block.size() + line.size() > largest_header_block) {
    transfer.error_ = headers_too_large;
    return 0;
  } else if (line.empty()) {
    transfer.in_headers_ = false;
    if (transfer.streams_) transfer.begin_body();
  } else {
    constexpr std::string_view encoding = "content-encoding:", location = "location:";
    if (same_name(line.substr(0, encoding.size()), encoding)) transfer.is_encoded_ = true;
    if (same_name(line.substr(0, location.size()), location)) transfer.has_location_ = true;
    append_line(block, line);
  }
  return size;
} catch (const std::bad_alloc&) {
  return 0;
}

/// libcurl sends a request again, of any method, whose kept connection has broken without a byte of an answer. The
/// server may have carried it out: where that is not to happen twice (RFC 9110, 9.2.2) it fails, as with requests. A
/// stream of HTTP/2 that the server has refused was not looked at.
int CurlTransfer::on_connected(void* self, char*, char*, int, int) try {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (!std::exchange(transfer.connected_, true)) return CURL_PREREQFUNC_OK;
  long answered = 0;  // 417: once more, without Expect
  curl_easy_getinfo(transfer.easy_.get(), CURLINFO_RESPONSE_CODE, &answered);
  if (answered != 0 || transfer.version_ != HttpVersion::http1 || is_idempotent(transfer.easy_.method()))
    return CURL_PREREQFUNC_OK;
  transfer.error_ = with_place(no_answer, transfer.place());
  return CURL_PREREQFUNC_ABORT;
} catch (const std::bad_alloc&) {
  return CURL_PREREQFUNC_ABORT;
}

curl_socket_t CurlTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.rotation_) transfer.rotation_->replace(*address);
  const int fd = transfer.session_.multi().sockets().open(address->family, address->socktype, address->protocol);
  if (fd < 0) transfer.open_error_ = errno;
  if (fd >= 0 && !transfer.session_.options.source_address.empty()) leave_port_to_connect(fd);
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int CurlTransfer::on_close(void* sockets, curl_socket_t fd) { return static_cast<CurlSockets*>(sockets)->close(fd); }

}  // namespace katydid
