#include "http/curl/sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

namespace katydid {
namespace {

constexpr Interest none{};

Interest interest_from(int what) {
  return {.read = what == CURL_POLL_IN || what == CURL_POLL_INOUT,
          .write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT};
}

ino_t identity_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

CurlSockets::~CurlSockets() {
  for (auto& socket : sockets_) {
    if (socket && socket->watched != none) loop_.unwatch(*socket);
  }
}

CurlSockets::Socket& CurlSockets::socket(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size()) sockets_.resize(index + 1);
  auto& socket = sockets_[index];
  if (!socket) {
    socket = std::make_unique<Socket>();
    socket->descriptor = fd;
    socket->ready = &CurlSockets::on_ready;
    socket->all = this;
  }
  return *socket;
}

int CurlSockets::open(int family, int type, int protocol) {
#if defined(SOCK_CLOEXEC)
  const int fd = ::socket(family, type | SOCK_CLOEXEC, protocol);
#else
  const int fd = ::socket(family, type, protocol);
  if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
  if (fd < 0) return fd;
  try {
    take(fd);
    return fd;
  } catch (const std::exception&) {  // not through libcurl
    ::close(fd);
    errno = ENOMEM;
    return -1;
  }
}

void CurlSockets::take(int fd) {
  Socket& opened = socket(fd);
  opened.ours = true;
  opened.settled = false;
  opened.identity = identity_of(fd);
  if (opened.watched != none) {
    // Its predecessor of the same number was closed by libcurl, which may believe that it still watches it.
    apply(opened, none);
    apply(opened, opened.wanted);
  }
}

int CurlSockets::close(int fd) {
  Socket& closing = socket(fd);
  apply(closing, none);
  closing.wanted = none;
  closing.ours = closing.settled = false;
  return ::close(fd);
}

void CurlSockets::set_interest(int fd, int what) {
  Socket& changed = socket(fd);
  changed.wanted = interest_from(what);
  if (changed.wanted != none || !settles(changed)) {
    apply(changed, changed.wanted);
  } else if (changed.watched.write) {
    apply(changed, {.read = true});
  }
}

/// When a transfer on it ends: whether this is still the socket that was opened here.
bool CurlSockets::settles(Socket& socket) {
  if (socket.ours && !socket.settled) socket.settled = socket.ours = identity_of(socket.descriptor) == socket.identity;
  return socket.settled;
}

void CurlSockets::apply(Socket& socket, Interest interest) {
  if (socket.watched == interest) return;
  if (interest == none) {
    loop_.unwatch(socket);
  } else if (socket.watched == none) {
    loop_.watch(socket, interest);
  } else {
    loop_.change(socket, interest);
  }
  socket.watched = interest;
}

void CurlSockets::on_ready(Watch& watch, Ready ready) {
  auto& socket = static_cast<Socket&>(watch);
  if (socket.wanted == none) return socket.all->apply(socket, none);
  const int bits =
      (ready.read ? CURL_CSELECT_IN : 0) | (ready.write ? CURL_CSELECT_OUT : 0) | (ready.error ? CURL_CSELECT_ERR : 0);
  socket.all->ready_(socket.all->owner_, socket.descriptor, bits);
}

}  // namespace katydid
