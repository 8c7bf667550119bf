#include "net/reactor/reactor_stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif
#if !defined(MSG_MORE)
#define MSG_MORE 0
#endif

namespace katydid {

ReactorStream::ReactorStream(Reactor& reactor, StreamOwner& owner, int socket)
    : Stream(owner), Watch(socket, &ReactorStream::on_ready), reactor_(reactor) {}

ReactorStream::~ReactorStream() {
  reactor_.unwatch(*this);
  ::close(descriptor);
}

StreamPointer ReactorStream::connect(Reactor& reactor, StreamOwner& owner, const SocketAddress& address,
                                     const SocketAddress* source) {
  const int socket = open_stream_socket(address, source);
  if (socket < 0) return nullptr;
  if (::connect(socket, address.data(), address.size()) < 0 && errno != EINPROGRESS && errno != EINTR) {
    const int error = errno;
    ::close(socket);
    errno = error;
    return nullptr;
  }
  auto* stream = new ReactorStream(reactor, owner, socket);
  reactor.watch(*stream, {.read = false, .write = true});
  return StreamPointer(stream);
}

void ReactorStream::release() { delete this; }

void ReactorStream::on_ready(Watch& watch, Ready ready) {
  auto& stream = static_cast<ReactorStream&>(watch);
  if (!stream.connected_) return stream.on_connect_ready();
  if (ready.write && stream.wants_to_write_ && stream.send_some()) {
    stream.wants_to_write_ = false;
    stream.watch_on();
  }
  if (ready.read) return stream.receive();
  if (ready.write && stream.tells_ && !stream.wants_to_write_) {
    stream.tells_ = false;
    stream.watch_on();
    stream.owner_->on_sent();
  }
}

void ReactorStream::on_connect_ready() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
  if (error != 0) {
    reactor_.change(*this, {});
    return owner_->on_closed(error);
  }
  connected_ = true;
  reactor_.change(*this, {.read = true});
  owner_->on_connected();
}

void ReactorStream::receive() {
  const auto piece = reception_.receive(descriptor, *owner_);
  if (piece.size > 0 || (piece.size < 0 && would_block(piece.error))) return;
  closed(piece.error);
}

void ReactorStream::closed(int error) {
  reactor_.change(*this, {});
  owner_->on_closed(error);
}

void ReactorStream::flush() {
  reception_.start_answer();
  if (wants_to_write_ || send_some()) return;
  wants_to_write_ = true;
  watch_on();
}

void ReactorStream::flush(std::shared_ptr<const std::string> text) {
  if (wants_to_write_) {
    outgoing_.append(*text);
  } else {
    text_ = std::move(text);
  }
  flush();
}

/// Something is to follow a text that is on its way still.
void ReactorStream::queue_text() {
  std::string left = outgoing_.empty() ? text_->substr(sent_) : outgoing_.substr(sent_) + *text_;
  outgoing_.swap(left);
  sent_ = 0;
  text_.reset();
}

/// From the loop, and not at once: or a body that is sent without end would leave it no turn.
void ReactorStream::tell_when_sent() {
  tells_ = true;
  watch_on();
}

void ReactorStream::pause() {
  paused_ = true;
  watch_on();
}

void ReactorStream::resume() {
  paused_ = false;
  watch_on();
}

/// True when nothing is left to send, which is the case as well when the connection broke: receiving tells the owner.
bool ReactorStream::send_some() {
  if (!outgoing_.empty()) {
    if (!send_from(outgoing_, text_ ? MSG_MORE : 0)) return false;
    clear_sent(outgoing_);
  }
  if (text_ && !send_from(*text_, 0)) return false;
  text_.reset();
  return true;
}

bool ReactorStream::send_from(std::string_view bytes, int flags) {
  while (sent_ < bytes.size()) {
    const auto size = ::send(descriptor, bytes.data() + sent_, bytes.size() - sent_, MSG_NOSIGNAL | flags);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && would_block(errno)) return false;
    if (size < 0) break;
    sent_ += static_cast<std::size_t>(size);
  }
  sent_ = 0;
  return true;
}

}  // namespace katydid
