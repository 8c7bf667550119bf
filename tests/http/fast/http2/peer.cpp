#include "tests/http/fast/http2/peer.hpp"

#include <sys/socket.h>

#include <cstddef>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t preface_size = 24, head_size = 9;

bool read_bytes(int fd, std::size_t size, std::string& out) {
  out.resize(size);
  return size == 0 || ::recv(fd, out.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(at, size)) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

Http2Peer::Http2Peer(std::function<void(Connection&)> talk, std::string settings_payload, RawServer::Serving serving)
    : server_(
          [talk = std::move(talk), settings_payload = std::move(settings_payload)](int fd) {
            std::string preface;
            if (!read_bytes(fd, preface_size, preface)) return;
            Connection connection(fd);
            connection.send({.type = settings, .payload = settings_payload});
            talk(connection);
          },
          serving) {}

bool Http2Peer::Connection::read(Frame& frame) {
  std::string head;
  if (!read_bytes(fd_, head_size, head)) return false;
  frame.type = static_cast<std::uint8_t>(head[3]);
  frame.flags = static_cast<std::uint8_t>(head[4]);
  frame.stream = number_at(head, 5, 4);
  return read_bytes(fd_, number_at(head, 0, 3), frame.payload);
}

std::uint32_t Http2Peer::Connection::next_request() {
  Frame frame;
  while (read(frame)) {
    if (frame.type == headers) return frame.stream;
  }
  return 0;
}

void Http2Peer::Connection::answer(std::uint32_t stream, std::string_view body) {
  send({.type = headers, .flags = end_headers, .stream = stream, .payload = status(200)});
  send({.type = data, .flags = end_stream, .stream = stream, .payload = std::string(body)});
}

std::string Http2Peer::bytes_of(const Frame& frame) {
  std::string bytes = number(static_cast<std::uint32_t>(frame.payload.size())).substr(1);
  bytes += static_cast<char>(frame.type);
  bytes += static_cast<char>(frame.flags);
  return bytes.append(number(frame.stream)).append(frame.payload);
}

std::string Http2Peer::number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
  return bytes;
}

std::string Http2Peer::field(std::string_view name, std::string_view value) {
  std::string bytes(1, '\0');  // a literal, not to be indexed, with a new name
  bytes += static_cast<char>(name.size());
  bytes.append(name);
  bytes += static_cast<char>(value.size());
  return bytes.append(value);
}

}  // namespace katydid
