#include "tests/support/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

namespace katydid {
namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Any free port.
std::uint16_t bind_loopback(int fd) {
  auto address = loopback(0);
  checked(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
  socklen_t size = sizeof address;
  checked(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

}  // namespace

RawServer::RawServer(std::function<void(int)> talk, Serving serving) : talk_(std::move(talk)), serving_(serving) {
  listener_ = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  port_ = bind_loopback(listener_);
  checked(::listen(listener_, 64), "listen");
  checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stop_), "socketpair");
  thread_ = std::thread([this] { serve(); });
}

RawServer::~RawServer() {
  ::close(stop_[0]);
  thread_.join();
  ::close(stop_[1]);
  ::close(listener_);
}

std::string RawServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void RawServer::serve() {
  std::vector<std::thread> conversations;
  for (;;) {
    pollfd waiting[] = {{listener_, POLLIN, 0}, {stop_[1], POLLIN, 0}};
    ::poll(waiting, 2, -1);
    if (waiting[1].revents) break;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    if (serving_ == Serving::at_once) {
      conversations.emplace_back([this, fd] { converse(fd); });
    } else {
      converse(fd);
    }
  }
  for (std::thread& each : conversations) each.join();
}

void RawServer::converse(int fd) {
  std::thread conversation([&] { talk_(fd); });
  std::thread breaker([&] {
    pollfd ends[] = {{stop_[1], POLLIN, 0}, {fd, 0, 0}};
    ::poll(ends, 2, -1);  // until the test is over, or the other side is gone
    if (ends[0].revents) ::shutdown(fd, SHUT_RDWR);
  });
  conversation.join();
  ::shutdown(fd, SHUT_RDWR);
  breaker.join();
  ::close(fd);
}

std::string RawServer::read_head(int fd) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::recv(fd, &byte, 1, 0) != 1) return {};
    head += byte;
  }
  return head;
}

void RawServer::write(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawServer::wait_for_close(int fd) {
  char bytes[256];
  while (::recv(fd, bytes, sizeof bytes, 0) > 0) {
  }
}

void RawServer::relay(int one, int other) {
  for (;;) {
    pollfd both[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
    ::poll(both, 2, -1);
    for (const auto& [from, to] : {std::pair(0, other), std::pair(1, one)}) {
      if (!both[from].revents) continue;
      char bytes[4096];
      const auto got = ::recv(both[from].fd, bytes, sizeof bytes, 0);
      if (got <= 0) return;
      write(to, {bytes, static_cast<std::size_t>(got)});
    }
  }
}

int RawServer::connect(std::uint16_t port) {
  const int fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  auto address = loopback(port);
  checked(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
  return fd;
}

ClosedPort::ClosedPort() : fd_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
  port_ = bind_loopback(fd_);
}

ClosedPort::~ClosedPort() { ::close(fd_); }

}  // namespace katydid
