#pragma once

#include "net/reactor/reception.hpp"
#include "net/stream.hpp"
#include "net/stream_socket.hpp"

#if defined(KATYDID_HAS_IO_URING)

#include "net/socket_address.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class UringReactor;

/// A socket of an io_uring. One receive serves for all that arrives (multishot), into buffers of the ring. While
/// answers are large, the ring only tells that there is something, and the stream reads it in large pieces. The kernel
/// reads what is sent from the stream's own buffer, so the stream lives until the kernel is done with it, which may be
/// after its owner released it.
class alignas(8) UringStream final : public Stream {
 public:
  static StreamPointer connect(UringReactor& reactor, StreamOwner& owner, const SocketAddress& address,
                               const SocketAddress* source);

  std::string& outgoing() override;
  void flush() override;
  void flush(std::shared_ptr<const std::string> text) override;
  void tell_when_sent() override { tells_ = true; }
  void pause() override;
  void resume() override;
  void discard(std::uint64_t bytes) override;
  void expect(std::uint64_t bytes) override;
  bool has_unsent() const override { return sending_now_ || queued_; }
  int peek() const override { return katydid::peek(descriptor_); }
  std::optional<std::chrono::steady_clock::time_point> last_arrival() const override {
    return katydid::last_arrival(descriptor_);
  }
  void release() override;

  /// A completion with this stream's address and operation in `user_data`.
  static void completed(std::uint64_t user_data, int result, std::uint32_t flags);

 private:
  enum class Operation : std::uint64_t { connecting = 1, receiving = 2, sending = 3 };

  UringStream(UringReactor& reactor, StreamOwner& owner, int descriptor);
  ~UringStream() override;

  std::uint64_t tag(Operation operation) const;
  void receive();
  void read_large();
  void hand_over(std::string_view bytes);
  void send();
  /// sending_, and when that is sent, what follows it.
  const std::string& in_sending() const { return sending_.empty() && text_ ? *text_ : sending_; }
  void send_last(int result);
  void cancel(Operation operation);
  void on_connected(int result);
  void on_received(int result, std::uint32_t flags);
  void on_readable(int result);
  void on_sent(int result);
  void close_early();
  void close_if_done();

  UringReactor& reactor_;
  int descriptor_;  // -1 after close_early()
  bool connecting_ = false, receiving_ = false, sending_now_ = false;
  bool paused_ = false;
  bool large_ = false;          // answers are: read by ourselves
  bool waits_to_read_ = false;  // what receives is that
  bool tells_ = false;          // its owner, when all has been sent
  bool queued_ = false;         // outgoing_ is to be sent once sending_ has been
  Reception reception_;
  std::size_t sent_ = 0;
  std::string outgoing_, sending_;
  std::shared_ptr<const std::string> text_;  // behind sending_
  std::unique_ptr<SocketAddress> address_;   // while connecting
};

}  // namespace katydid

#endif
