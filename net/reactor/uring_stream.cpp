#include "net/reactor/uring_stream.hpp"

#if defined(KATYDID_HAS_IO_URING)

#include "net/reactor/uring.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace katydid {
namespace {

// Answers are read by ourselves after a large one, until one is smaller than this.
constexpr std::size_t small_answer = 24 * 1024;
// So that the other streams have their turn.
constexpr int most_reads = 4;

/// A stream that is let go of in the middle of a call of its owner lives on while it is receiving; also when that
/// throws.
class Alive {
 public:
  explicit Alive(bool& receiving) : receiving_(receiving) { receiving_ = true; }
  ~Alive() { receiving_ = false; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;

 private:
  bool& receiving_;
};

}  // namespace

UringStream::UringStream(UringReactor& reactor, StreamOwner& owner, int descriptor)
    : Stream(owner), reactor_(reactor), descriptor_(descriptor) {
  reactor_.stream_opened();
}

UringStream::~UringStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
  reactor_.stream_closed();
}

StreamPointer UringStream::connect(UringReactor& reactor, StreamOwner& owner, const SocketAddress& address,
                                   const SocketAddress* source) {
  const int descriptor = open_stream_socket(address, source);
  if (descriptor < 0) return nullptr;
  reactor.opened(descriptor);
  auto* stream = new UringStream(reactor, owner, descriptor);
  StreamPointer owned(stream);
  stream->address_ = std::make_unique<SocketAddress>(address);
  io_uring_sqe& entry = reactor.next_entry();
  io_uring_prep_connect(&entry, descriptor, stream->address_->data(), stream->address_->size());
  io_uring_sqe_set_data64(&entry, stream->tag(Operation::connecting));
  stream->connecting_ = true;
  return owned;
}

std::uint64_t UringStream::tag(Operation operation) const {
  return reinterpret_cast<std::uint64_t>(this) | static_cast<std::uint64_t>(operation);
}

void UringStream::completed(std::uint64_t user_data, int result, std::uint32_t flags) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel hands back a number, the one that tag() made of the pointer
  auto& stream = *reinterpret_cast<UringStream*>(user_data & ~std::uint64_t{7});
  switch (static_cast<Operation>(user_data & 7U)) {
    case Operation::connecting:
      return stream.on_connected(result);
    case Operation::receiving:
      return stream.waits_to_read_ ? stream.on_readable(result) : stream.on_received(result, flags);
    case Operation::sending:
      return stream.on_sent(result);
  }
}

void UringStream::on_connected(int result) {
  connecting_ = false;
  address_.reset();
  if (!owner_) return close_if_done();
  if (result < 0) return owner_->on_closed(-result);
  receive();
  owner_->on_connected();
}

void UringStream::receive() {
  io_uring_sqe& entry = reactor_.next_entry();
  waits_to_read_ = large_;
  receiving_ = true;
  if (large_) {
    io_uring_prep_poll_add(&entry, descriptor_, POLLIN);
    return io_uring_sqe_set_data64(&entry, tag(Operation::receiving));
  }
  io_uring_prep_recv_multishot(&entry, descriptor_, nullptr, 0, 0);
  entry.flags |= IOSQE_BUFFER_SELECT;
  entry.buf_group = UringReactor::buffer_group;
  io_uring_sqe_set_data64(&entry, tag(Operation::receiving));
}

void UringStream::read_large() {
  if (std::exchange(large_, true)) return;
  if (receiving_) cancel(Operation::receiving);
}

void UringStream::on_readable(int result) {
  receiving_ = false;
  if (!owner_) return close_if_done();
  if (result < 0 && result != -ECANCELED && result != -EINTR) return owner_->on_closed(-result);
  for (int i = 0; i < most_reads && !paused_ && result > 0; ++i) {
    const auto piece = [this] {
      const Alive alive(receiving_);
      return reception_.receive(descriptor_, *owner_);
    }();
    if (!owner_) return close_if_done();
    if (piece.size < 0 && would_block(piece.error)) break;
    if (piece.size <= 0) return owner_->on_closed(piece.error);
    if (!piece.more) break;
  }
  if (!paused_) receive();
}

void UringStream::hand_over(std::string_view bytes) {
  const bool left = reception_.received(descriptor_, bytes, *owner_);
  if (reception_.size_of_answer() >= large_answer) read_large();
  if (left && owner_) owner_->on_received(bytes);
}

void UringStream::discard(std::uint64_t bytes) {
  reception_.discard(descriptor_, bytes);
  read_large();
}

void UringStream::expect(std::uint64_t bytes) {
  reception_.expect(descriptor_, bytes);
  read_large();
}

void UringStream::on_received(int result, std::uint32_t flags) {
  const bool ended = (flags & IORING_CQE_F_MORE) == 0;
  if (ended) receiving_ = false;
  if (flags & IORING_CQE_F_BUFFER) {
    std::optional<Alive> alive;
    if (ended && !sending_now_) alive.emplace(receiving_);
    if (owner_ && result > 0) hand_over(reactor_.received(flags, result));
    reactor_.give_back(flags);
  }
  if (!ended) return;
  if (!owner_) return close_if_done();
  if (result == -ENOBUFS) reactor_.ran_out_of_buffers();
  // Without an error it ends then, or when the kernel wants to be asked again.
  if (result > 0 || result == -ENOBUFS || result == -EINTR || result == -ECANCELED) {
    if (!paused_) receive();
    return;
  }
  owner_->on_closed(-result);
}

std::string& UringStream::outgoing() {
  if (!sending_now_ && outgoing_.capacity() < sending_.capacity()) outgoing_.swap(sending_);
  return outgoing_;
}

void UringStream::flush() {
  if (reception_.size_of_answer() < small_answer) large_ = false;
  reception_.start_answer();
  if (sending_now_) {
    queued_ = true;
    return;
  }
  outgoing_.swap(sending_);
  sent_ = 0;
  send();
}

void UringStream::flush(std::shared_ptr<const std::string> text) {
  if (sending_now_) {
    outgoing_.append(*text);
  } else {
    text_ = std::move(text);
  }
  flush();
}

void UringStream::send() {
  io_uring_sqe& entry = reactor_.next_entry();
  const std::string& bytes = in_sending();
  const int more = text_ && &bytes != text_.get() ? MSG_MORE : 0;
  io_uring_prep_send(&entry, descriptor_, bytes.data() + sent_, bytes.size() - sent_,
                     MSG_NOSIGNAL | MSG_WAITALL | more);
  io_uring_sqe_set_data64(&entry, tag(Operation::sending));
  sending_now_ = true;
}

void UringStream::on_sent(int result) {
  sending_now_ = false;
  if (!owner_) {
    send_last(result);
    return close_if_done();
  }
  if (result < 0 && result != -EINTR && result != -EAGAIN) {
    clear_sent(sending_);  // receiving tells the owner
    text_.reset();
    return;
  }
  if (result > 0) sent_ += static_cast<std::size_t>(result);
  if (sent_ < in_sending().size()) return send();
  if (text_ && !sending_.empty()) {
    clear_sent(sending_);
    sent_ = 0;
    return send();
  }
  clear_sent(sending_);
  text_.reset();
  if (std::exchange(queued_, false)) return flush();
  if (std::exchange(tells_, false)) owner_->on_sent();
}

/// What was queued behind a send that is broken off, such as a goodbye: as far as the socket takes it at once.
void UringStream::send_last(int result) {
  if (!std::exchange(queued_, false) || text_) return;
  if (result > 0) sent_ += static_cast<std::size_t>(result);
  sending_.erase(0, std::min(sent_, sending_.size()));
  sending_ += outgoing_;
  ::send(descriptor_, sending_.data(), sending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void UringStream::pause() {
  if (!std::exchange(paused_, true) && receiving_) cancel(Operation::receiving);
}

void UringStream::resume() {
  if (std::exchange(paused_, false) && !receiving_) receive();
}

void UringStream::release() {
  owner_ = nullptr;
  reactor_.stream_released();
  if (connecting_) cancel(Operation::connecting);
  if (receiving_) cancel(Operation::receiving);
  if (sending_now_) cancel(Operation::sending);
  if (reactor_.descriptors_are_scarce()) close_early();
  close_if_done();
}

/// What is under way keeps the socket, but not its number, once all entries that name it are with the kernel: where
/// thousands are let go of at once, others can be opened before these have ended.
void UringStream::close_early() {
  if (!sending_now_ && (connecting_ || receiving_) && reactor_.submit_all()) ::close(std::exchange(descriptor_, -1));
}

/// By its tag, which the kernel finds in a hash table; by descriptor it would search all that is under way.
void UringStream::cancel(Operation operation) {
  io_uring_sqe& entry = reactor_.next_entry();
  io_uring_prep_cancel64(&entry, tag(operation), 0);
  entry.flags |= IOSQE_CQE_SKIP_SUCCESS;  // what was cancelled tells
  io_uring_sqe_set_data64(&entry, 0);
}

void UringStream::close_if_done() {
  if (!connecting_ && !receiving_ && !sending_now_) delete this;
}

}  // namespace katydid

#endif
