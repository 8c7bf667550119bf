#include "tests/support/target/tests/raw_client.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace katydid::target {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

int connected(int family, const void* address, socklen_t size) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) fail("socket");
  const timeval patience{30, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket, static_cast<const sockaddr*>(address), size) != 0) {
    ::close(socket);
    fail("connect");
  }
  return socket;
}

int connected(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connected(AF_INET, &address, sizeof address);
}

int connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return connected(AF_UNIX, &address, sizeof address);
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(connected(port)) {}
RawClient::RawClient(const std::string& unix_path) : socket_(connected(unix_path)) {}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::get(std::string_view path, std::string_view more_headers) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_headers) + "\r\n");
}

bool RawClient::receive() {
  char bytes[16 * 1024];
  const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got < 0 && errno == ECONNRESET) {
    reset_seen_ = true;
    return false;
  }
  if (got < 0) fail("receive");
  received_.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

std::string RawClient::Answer::header(std::string_view name) const {
  const auto found = head.find("\r\n" + std::string(name) + ": ");
  if (found == std::string::npos) return {};
  const auto value = found + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

RawClient::Answer RawClient::read_answer(bool head_only) {
  const auto need = [this](const char* what) {
    if (!receive()) throw std::runtime_error(std::string("the connection ended before ") + what + ": " + received_);
  };
  while (received_.find("\r\n\r\n") == std::string::npos) need("the answer's head did");
  Answer answer;
  answer.head = received_.substr(0, received_.find("\r\n\r\n") + 4);
  received_.erase(0, answer.head.size());
  answer.status = std::stoi(answer.head.substr(9, 3));
  const auto length = answer.header("Content-Length");
  if (head_only || length.empty()) return answer;
  const auto size = std::stoul(length);
  while (received_.size() < size) need("the answer's body did");
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

std::string RawClient::read_all() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::ended_by_reset() {
  read_all();
  return reset_seen_;
}

bool RawClient::arrives(std::chrono::milliseconds within) {
  pollfd waiting{socket_, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(within.count())) > 0;
}

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void RawClient::shut() { ::shutdown(socket_, SHUT_WR); }

void RawClient::shrink_receive_buffer(int bytes) { ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

}  // namespace katydid::target
