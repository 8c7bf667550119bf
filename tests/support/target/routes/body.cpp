#include "tests/support/target/pattern.hpp"
#include "tests/support/target/routes.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace katydid::target {
namespace {

constexpr std::size_t largest_body = 1ULL << 30U;
constexpr std::size_t largest_echo = 16ULL << 20U;

Task<> echo(Exchange& exchange) {
  const auto& request = exchange.request;
  std::string body;
  for (;;) {
    const auto piece = co_await exchange.next_piece();
    if (piece.empty()) break;
    if (body.size() + piece.size() > largest_echo) {
      exchange.after = Exchange::After::close;
      co_return co_await exchange.send(Response(413));
    }
    body += piece;
  }
  if (!exchange.body().finished()) co_return;

  nlohmann::ordered_json json;
  json["method"] = request.method;
  json["target"] = request.target;
  json["path"] = request.path;
  json["query"] = request.query;
  json["version"] = "1." + std::to_string(request.minor_version);
  json["scheme"] = exchange.scheme();
  json["client_certificate"] = exchange.client_subject();
  auto& headers = json["headers"] = nlohmann::ordered_json::array();
  for (const auto& [name, value] : request.headers) {
    auto pair = nlohmann::ordered_json::array();
    pair.push_back(name);
    pair.push_back(value);
    headers.push_back(std::move(pair));
  }
  const bool text = is_utf8(body);
  json["body_encoding"] = text ? "text" : "base64";
  json["body"] = text ? std::move(body) : base64(body);
  const auto response = Response::json(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  co_await exchange.send(response);
}

Task<> upload(Exchange& exchange) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  std::uint64_t bytes = 0;
  for (;;) {
    const auto piece = co_await exchange.next_piece();
    if (piece.empty()) break;
    EVP_DigestUpdate(hash.get(), piece.data(), piece.size());
    bytes += piece.size();
  }
  if (!exchange.body().finished()) co_return;
  std::array<char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char*>(sum.data()), &size);
  const auto response =
      Response::json("{\"bytes\":" + std::to_string(bytes) + ",\"sha256\":\"" + hex({sum.data(), size}) + "\"}\n");
  co_await exchange.send(response);
}

Task<> bytes(Exchange& exchange) {
  const auto total = parse_count(exchange.argument, "/bytes/N", largest_body);
  if (!co_await exchange.discard_body()) co_return;
  auto head =
      exchange.head(200, "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(total) + "\r\n");
  if (exchange.request.is_head()) co_return co_await exchange.finish(head);
  if (total <= pattern_block_size) co_return co_await exchange.finish(head.append(pattern_block().substr(0, total)));
  if (!co_await exchange.write(head)) co_return;
  auto left = total;
  for (; left > pattern_block_size; left -= pattern_block_size) {
    if (!co_await exchange.write(pattern_block())) co_return;
  }
  co_await exchange.finish(pattern_block().substr(0, left));
}

void append_chunk(std::string& out, std::string_view data, std::string_view extension) {
  constexpr std::string_view digits = "0123456789abcdef";
  int shift = 60;
  while (shift > 0 && (data.size() >> static_cast<unsigned>(shift)) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += digits[data.size() >> static_cast<unsigned>(shift) & 15U];
  out.append(extension).append("\r\n").append(data).append("\r\n");
}

/// HTTP/1.0 has no chunks: it gets the body as it is, up to the close.
Task<> chunked(Exchange& exchange) {
  const auto total = parse_count(exchange.argument, "/chunked/N", largest_body);
  const auto query = exchange.query();
  const auto size = query.count("chunk", 1024, pattern_block_size / 2);
  const bool trailers = query.count("trailers", 0, 1) != 0;
  const std::string_view extension = query.count("extension", 0, 1) != 0 ? ";name=\"a value; quoted\"" : "";
  if (size == 0) throw BadRequest("chunk wants at least 1");
  if (!co_await exchange.discard_body()) co_return;

  const bool chunks = exchange.request.minor_version > 0;
  if (!chunks) exchange.after = Exchange::After::close;
  std::string headers = "Content-Type: text/plain\r\n";
  if (chunks) headers += "Transfer-Encoding: chunked\r\n";
  if (chunks && trailers) headers += "Trailer: X-Checksum\r\n";
  auto out = exchange.head(200, headers);
  if (exchange.request.is_head()) co_return co_await exchange.finish(out);
  for (std::size_t sent = 0; sent < total;) {
    const auto piece = pattern_at(sent, std::min(size, total - sent));
    if (chunks) {
      append_chunk(out, piece, extension);
    } else {
      out += piece;
    }
    sent += piece.size();
    if (out.size() < pattern_block_size) continue;
    if (!co_await exchange.write(out)) co_return;
    out.clear();
  }
  if (chunks) out.append("0").append(extension).append("\r\n");
  if (chunks && trailers) out += "X-Checksum: 42\r\nX-Late: yes\r\n";
  if (chunks) out += "\r\n";
  co_await exchange.finish(out);
}

std::string compress(std::size_t bytes, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out;
  std::array<unsigned char, 16 * 1024> piece{};
  for (int result = Z_OK; result != Z_STREAM_END;) {
    const auto block = pattern_block().substr(0, bytes);
    bytes -= block.size();
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(block.data()));  // zlib 1.2's missing const
    stream.avail_in = static_cast<unsigned>(block.size());
    do {
      stream.next_out = piece.data();
      stream.avail_out = piece.size();
      result = deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
      out.append(reinterpret_cast<const char*>(piece.data()), piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

Response compressed(Exchange& exchange, std::string_view encoding, int window_bits) {
  const auto size = parse_count(exchange.argument, encoding, 64ULL << 20U);
  const auto name = std::to_string(window_bits) + "/" + std::to_string(size);
  const auto body = exchange.shared().bodies.get(name, [&] { return compress(size, window_bits); });
  return Response(200, "text/plain", *body).header("Content-Encoding", encoding);
}

Response gzip(Exchange& exchange) { return compressed(exchange, "gzip", 15 + 16); }

/// HTTP's "deflate" is the zlib format; some servers send a bare deflate stream all the same.
Response deflate_body(Exchange& exchange) {
  return compressed(exchange, "deflate", exchange.query().count("raw", 0, 1) != 0 ? -15 : 15);
}

constexpr Route list[] = {
    {"/echo", nullptr, echo, "/echo", "the request as JSON: method, target, headers in order, body"},
    {"/upload", nullptr, upload, "/upload", "takes a body of any size; JSON with its bytes and sha256"},
    {"/bytes/", nullptr, bytes, "/bytes/N", "a body of N bytes"},
    {"/chunked/", nullptr, chunked, "/chunked/N?chunk=1024&trailers=0&extension=0", "N bytes in chunks"},
    {"/gzip/", gzip, nullptr, "/gzip/N", "N bytes, gzipped whether accepted or not"},
    {"/deflate/", deflate_body, nullptr, "/deflate/N?raw=0", "N bytes, deflated whether accepted or not"},
};

}  // namespace

std::span<const Route> body_routes() { return list; }

}  // namespace katydid::target
