#include "net/reactor/reception.hpp"

#include "base/append_read.hpp"
#include "net/stream.hpp"
#include "net/stream_socket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

namespace katydid {
namespace {

/// Of a large body: what is worth being woken for.
constexpr std::uint32_t large_piece = 512 * 1024;
/// What is received of an answer at first, where the last one was large: so that its body is received to where it
/// belongs.
constexpr std::size_t head_size = 4 * 1024;

/// What a thread reads large answers into: one for all of its streams. Large enough that the last piece of a body
/// usually leaves room, which spares asking once more.
std::span<char> receive_buffer() {
  constexpr std::size_t size = 128 * 1024;
  thread_local const std::unique_ptr<char[]> buffer(new char[size]);
  return {buffer.get(), size};
}

/// What recv() says of throwing away what has come of so many bytes.
ssize_t discard_some(int socket, std::uint64_t bytes) {
#if defined(__linux__)
  constexpr std::uint64_t most = 1 << 30;
  return ::recv(socket, nullptr, static_cast<std::size_t>(std::min(bytes, most)), MSG_TRUNC | MSG_DONTWAIT);
#else
  const auto buffer = receive_buffer();
  return ::recv(socket, buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size())),
                MSG_DONTWAIT);
#endif
}

}  // namespace

void Reception::discard(int socket, std::uint64_t bytes) {
  to_discard_ = bytes;
  expect(socket, bytes);
}

void Reception::expect(int socket, std::uint64_t bytes) {
  expected_ = bytes;
  if (!more_) set_low_water(socket);
}

/// One call of recv(). What stands behind the expected bytes is usually one byte, and need not be asked for by itself:
/// it goes to the thread's buffer.
class Reception::Call final : public Source {
 public:
  Call(int socket, bool expects_end) : socket_(socket), expects_end_(expects_end) {}

  std::size_t read(char* to, std::size_t most) override {
    const auto behind = receive_buffer().first(expects_end_ ? head_size : 0);
    std::array<iovec, 2> places{{{to, most}, {behind.data(), behind.size()}}};
    msghdr message{};
    message.msg_iov = places.data();
    message.msg_iovlen = behind.empty() ? 1 : 2;
    const auto bytes = note(::recvmsg(socket_, &message, MSG_DONTWAIT));
    piece_.more = bytes == most + behind.size();
    surplus_ = behind.first(bytes - std::min(bytes, most));
    return std::min(bytes, most);
  }
  std::string_view receive(std::span<char> buffer) {
    const auto bytes = note(::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT));
    piece_.more = bytes == buffer.size();
    return {buffer.data(), bytes};
  }
  std::size_t discard(std::uint64_t most) { return note(discard_some(socket_, most)); }

  const Piece& piece() const { return piece_; }
  std::string_view surplus() const { return {surplus_.data(), surplus_.size()}; }

 private:
  std::size_t note(ssize_t size) {
    piece_.size = size;
    if (size < 0) piece_.error = errno;
    return static_cast<std::size_t>(std::max<ssize_t>(size, 0));
  }

  int socket_;
  bool expects_end_;
  std::span<char> surplus_;
  Piece piece_;
};

Reception::Piece Reception::receive(int socket, StreamOwner& owner) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(expected_, large_piece));
  Call call(socket, wanted == expected_);
  if (to_discard_ > 0) {
    const auto bytes = call.discard(to_discard_);
    to_discard_ -= bytes;
    count(socket, bytes);
    if (bytes > 0) owner.on_discarded(bytes);
  } else if (wanted > 0 && owner.take_from(call, wanted)) {
    count(socket, static_cast<std::uint64_t>(std::max<ssize_t>(call.piece().size, 0)));
    if (!call.surplus().empty()) owner.on_received(call.surplus());
  } else {
    const bool head_alone = answer_ == 0 && last_answer_ >= large_answer;
    const auto bytes = call.receive(head_alone ? receive_buffer().first(head_size) : receive_buffer());
    more_ = call.piece().more;
    count(socket, bytes.size());
    if (!bytes.empty()) owner.on_received(bytes);
  }
  return call.piece();
}

bool Reception::received(int socket, std::string_view& bytes, StreamOwner& owner) {
  more_ = false;
  count(socket, bytes.size());
  const auto discarded = static_cast<std::size_t>(std::min<std::uint64_t>(to_discard_, bytes.size()));
  to_discard_ -= discarded;
  bytes.remove_prefix(discarded);
  if (discarded > 0) owner.on_discarded(discarded);
  return !bytes.empty();
}

void Reception::count_expected(int socket, std::uint64_t bytes) {
  expected_ -= std::min(expected_, bytes);
  more_ = false;
  set_low_water(socket);
}

void Reception::set_low_water([[maybe_unused]] int socket) {
#if defined(__linux__)
  constexpr std::uint64_t small_piece = 48 * 1024;  // less of it usually comes at once: two calls would be more
  const auto piece = std::min<std::uint64_t>(expected_, large_piece);
  const int bytes = piece >= small_piece ? static_cast<int>(piece) : 1;
  if (bytes == low_water_) return;
  // A limit for a read, which has to hear of the pieces that we are not woken for, would strike while they come.
  if (!tells_arrivals_) tells_arrivals_ = last_arrival(socket).has_value();
  if (!*tells_arrivals_) return;
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0) low_water_ = bytes;
#endif
}

}  // namespace katydid
