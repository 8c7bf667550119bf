#include "tests/websocket/websocket_harness.hpp"

#include "websocket/handshake.hpp"

#include <sys/socket.h>

#include <cstring>

namespace katydid {
namespace {

std::string read_exactly(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto came = ::recv(fd, bytes.data() + have, size - have, 0);
    if (came <= 0) return {};
    have += static_cast<std::size_t>(came);
  }
  return bytes;
}

std::string header_of(const std::string& head, const std::string& name) {
  const auto start = head.find("\r\n" + name + ": ") + name.size() + 4;
  return head.substr(start, head.find("\r\n", start) - start);
}

}  // namespace

RawWebSocketServer::RawWebSocketServer(std::function<void(int fd)> talk, std::string more_headers)
    : server_([this, talk = std::move(talk), more = std::move(more_headers)](int fd) {
        const auto head = RawServer::read_head(fd);
        if (head.empty()) return;
        {
          const std::lock_guard lock(mutex_);
          heads_.push_back(head);
        }
        RawServer::write(fd, switching(head, more));
        talk(fd);
      }) {}

std::vector<std::string> RawWebSocketServer::heads() {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::string RawWebSocketServer::switching(const std::string& head, const std::string& more_headers) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_of(header_of(head, "Sec-WebSocket-Key")) + "\r\n" + more_headers + "\r\n";
}

ClientFrame RawWebSocketServer::read_frame(int fd) {
  const std::string start = read_exactly(fd, 2);
  if (start.empty()) return {};
  ClientFrame frame{.first = static_cast<unsigned char>(start[0]), .payload = {}};
  frame.masked = (static_cast<unsigned char>(start[1]) & 0x80U) != 0;
  std::uint64_t size = static_cast<unsigned char>(start[1]) & 0x7FU;
  if (size >= 126) {
    const std::string length = read_exactly(fd, size == 126 ? 2 : 8);
    size = 0;
    for (char each : length) size = size << 8U | static_cast<unsigned char>(each);
  }
  std::uint32_t key = 0;
  const std::string mask = read_exactly(fd, 4);
  std::memcpy(&key, mask.data(), mask.size());
  if (size > 0) frame.payload = read_exactly(fd, size);
  apply_mask(frame.payload.data(), frame.payload.size(), key);
  return frame;
}

std::vector<ClientFrame> RawWebSocketServer::read_frames(int fd) {
  std::vector<ClientFrame> frames;
  while (true) {
    frames.push_back(read_frame(fd));
    if (frames.back().first != 0) continue;
    frames.pop_back();
    return frames;
  }
}

void RawWebSocketServer::echo(int fd) {
  while (true) {
    const ClientFrame frame = read_frame(fd);
    if (frame.first == 0) return;
    RawServer::write(fd, raw_frame(frame.first == 0x89 ? 0x8a : frame.first, frame.payload));
    if (frame.first == 0x88) return;
  }
}

}  // namespace katydid
