#pragma once

#include "net/reactor/reactor.hpp"
#include "net/reactor/reception.hpp"
#include "net/stream.hpp"
#include "net/stream_socket.hpp"

#include <cstdint>
#include <string>

namespace katydid {

/// A socket of a reactor that tells when it is ready: epoll, or Asio's (kqueue). It sends at once what the kernel
/// takes, and receives into a buffer that all streams of the thread share.
class ReactorStream final : public Stream, Watch {
 public:
  static StreamPointer connect(Reactor& reactor, StreamOwner& owner, const SocketAddress& address,
                               const SocketAddress* source);

  std::string& outgoing() override {
    if (text_) queue_text();
    return outgoing_;
  }
  void flush() override;
  void flush(std::shared_ptr<const std::string> text) override;
  void tell_when_sent() override;
  void pause() override;
  void resume() override;
  void discard(std::uint64_t bytes) override { reception_.discard(descriptor, bytes); }
  void expect(std::uint64_t bytes) override { reception_.expect(descriptor, bytes); }
  bool has_unsent() const override { return wants_to_write_; }
  int peek() const override { return katydid::peek(descriptor); }
  std::optional<std::chrono::steady_clock::time_point> last_arrival() const override {
    return katydid::last_arrival(descriptor);
  }
  void release() override;

 private:
  ReactorStream(Reactor& reactor, StreamOwner& owner, int descriptor);
  ~ReactorStream() override;

  static void on_ready(Watch& watch, Ready ready);
  void on_connect_ready();
  void receive();
  void closed(int error);
  void queue_text();
  bool send_some();
  bool send_from(std::string_view bytes, int flags);
  void watch_on() { reactor_.change(*this, {.read = !paused_, .write = wants_to_write_ || tells_}); }

  Reactor& reactor_;
  bool connected_ = false, wants_to_write_ = false, paused_ = false;
  bool tells_ = false;  // its owner, when all has been sent
  Reception reception_;
  std::size_t sent_ = 0;
  std::string outgoing_;
  std::shared_ptr<const std::string> text_;  // behind it
};

}  // namespace katydid
