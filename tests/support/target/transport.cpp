#include "tests/support/target/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

namespace katydid::target {

Transport::Transport(Socket socket, SSL_CTX* tls) : socket_(std::move(socket)) {
  const int on = 1;  // fails on Unix sockets, which don't need it
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::error_code ignored;
  socket_.non_blocking(true, ignored);
  if (tls) {
    ssl_.reset(SSL_new(tls));
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) throw std::bad_alloc();
    SSL_set_accept_state(ssl_.get());
  }
}

Transport::Moved Transport::tls_stopped(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wanted_ = Socket::wait_read;
      return {};
    case SSL_ERROR_WANT_WRITE:
      wanted_ = Socket::wait_write;
      return {};
    case SSL_ERROR_ZERO_RETURN:
      return {0, true};
    default:
      tls_broken_ = true;  // not even the closing alert may be sent now
      return {0, true};
  }
}

Transport::Moved Transport::read_now(char* data, std::size_t size) {
  if (!is_open()) return {0, true};
  if (ssl_) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    return got > 0 ? Moved{static_cast<std::size_t>(got)} : tls_stopped(got);
  }
  for (;;) {
    const auto got = receive(data, size);
    if (got > 0) return {static_cast<std::size_t>(got)};
    if (got == 0) return {0, true};
    wanted_ = Socket::wait_read;
    if (errno != EINTR) return {0, errno != EAGAIN};
  }
}

#if defined(SO_TIMESTAMPNS) && defined(SCM_TIMESTAMPNS)

void Transport::stamp_arrivals() {
  const int on = 1;
  stamps_ = !ssl_ && ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

ssize_t Transport::receive(char* data, std::size_t size) {
  if (!stamps_) return ::recv(socket_.native_handle(), data, size, MSG_DONTWAIT);
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec)) + 64];
  iovec piece{data, size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto got = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
  for (auto* part = CMSG_FIRSTHDR(&message); got > 0 && part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{}, wall{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    ::clock_gettime(CLOCK_REALTIME, &wall);
    last_arrival_ = Clock::now() - std::chrono::seconds(wall.tv_sec - stamp.tv_sec) -
                    std::chrono::nanoseconds(wall.tv_nsec - stamp.tv_nsec);
  }
  return got;
}

#else

void Transport::stamp_arrivals() {}
ssize_t Transport::receive(char* data, std::size_t size) {
  return ::recv(socket_.native_handle(), data, size, MSG_DONTWAIT);
}

#endif

Transport::Moved Transport::write_now(const char* data, std::size_t size) {
  if (!is_open()) return {0, true};
  std::size_t done = 0;
  while (done < size) {
    if (ssl_) {
      ERR_clear_error();
      const int put = SSL_write(ssl_.get(), data + done, static_cast<int>(std::min<std::size_t>(size - done, INT_MAX)));
      if (put <= 0) return {done, tls_stopped(put).gone};
      done += static_cast<std::size_t>(put);
      continue;
    }
    const auto put = ::send(socket_.native_handle(), data + done, size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      wanted_ = Socket::wait_write;
      return {done, errno != EAGAIN};
    }
    done += static_cast<std::size_t>(put);
  }
  return {done};
}

Task<bool> Transport::handshake() {
  while (ssl_) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) break;
    if (tls_stopped(result).gone || !co_await wanted()) co_return false;
  }
  co_return is_open();
}

Task<std::size_t> Transport::read(char* data, std::size_t size) {
  if (!ssl_ && !stamps_) {
    const auto [error, bytes] = co_await Operation(
        [&](auto handler) { socket_.async_read_some(asio::buffer(data, size), std::move(handler)); });
    co_return error ? 0 : bytes;
  }
  for (;;) {
    const auto moved = read_now(data, size);
    if (moved.bytes || moved.gone) co_return moved.bytes;
    if (!co_await wanted()) co_return 0;
  }
}

Task<bool> Transport::wanted() {
  const auto done = co_await Operation([&](auto handler) { socket_.async_wait(wanted_, std::move(handler)); });
  co_return !done.error;
}

void Transport::cancel() {
  std::error_code ignored;
  socket_.cancel(ignored);
}

void Transport::finish_writing() {
  std::error_code ignored;
  if (ssl_ && !tls_broken_ && is_open()) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Transport::close() {
  std::error_code ignored;
  socket_.close(ignored);
}

void Transport::reset() {
  std::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

std::string Transport::client_subject() const {
  if (!ssl_) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  if (!certificate) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace katydid::target
