#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

class SocketAddress;
class Source;

/// Whoever a stream belongs to. Called from the loop, never from inside a call that the owner makes; during any of
/// these the owner may let go of its stream.
class StreamOwner {
 public:
  virtual void on_connected() = 0;
  /// The bytes are the loop's and valid during the call.
  virtual void on_received(std::string_view bytes) = 0;
  /// So many of the bytes that Stream::discard() has named have come.
  virtual void on_discarded(std::uint64_t) {}
  /// Of the bytes that Stream::expect() has named: it may read them to where they belong, in one call and no more than
  /// `most`, which may find nothing. False: it has not, and they come by on_received(). It keeps its stream meanwhile.
  virtual bool take_from(Source&, std::size_t /*most*/) { return false; }
  /// The last call. `error` is an errno, or 0 when the peer ended the connection in an orderly way. What could not be
  /// sent is not told: the peer's answer may be there nevertheless, and if it is not, receiving says why.
  virtual void on_closed(int error) = 0;
  /// What Stream::tell_when_sent() has asked for.
  virtual void on_sent() {}

 protected:
  ~StreamOwner() = default;
};

/// A connected socket of a loop, as its event loop does it best. What is idle holds no buffer for receiving.
class Stream {
 public:
  explicit Stream(StreamOwner& owner) : owner_(&owner) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Where to put what is to be sent; empty, unless flush() has not been called since. Valid until then.
  virtual std::string& outgoing() = 0;
  /// Sends it, in the order of the calls. Only once connected.
  virtual void flush() = 0;
  /// The same, and then a large text, which the stream holds until it is sent.
  virtual void flush(std::shared_ptr<const std::string> text) = 0;
  /// Calls the owner's on_sent() once, when the kernel has taken all that was flushed. Only right after flush().
  virtual void tell_when_sent() = 0;
  /// Receives nothing more for now, so that the peer's window fills up; what is on its way already may still come, and
  /// the end of the connection does. Only once connected. @{
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// @}
  /// Of what comes next, so many bytes are not received but counted: Linux throws them away without copying them
  /// (MSG_TRUNC). The owner gets on_discarded() for them, as they come, in place of on_received().
  virtual void discard(std::uint64_t bytes) = 0;
  /// So many bytes are still to come, and the owner has no use for a few of them: they are received in large pieces,
  /// and Linux wakes us for such pieces only (SO_RCVLOWAT). The owner may take_from() it. last_arrival() tells what
  /// came meanwhile.
  virtual void expect(std::uint64_t bytes) = 0;
  /// Whether the kernel has not taken all yet that was flushed.
  virtual bool has_unsent() const = 0;
  /// What comes next from the peer, without taking it: a byte, `end` where it has closed the connection or reset it, or
  /// `nothing` so far.
  virtual int peek() const = 0;
  static constexpr int nothing = -1, end = 256;
  /// When the last bytes came from the peer, received by now or not. Nothing where the system doesn't say it.
  virtual std::optional<std::chrono::steady_clock::time_point> last_arrival() const = 0;
  /// Closes the socket; the stream is not to be used any more, and its owner hears no more of it.
  virtual void release() = 0;

 protected:
  StreamOwner* owner_;
};

/// How a Stream is let go of: what the kernel still holds of it may outlive its owner's interest.
struct StreamRelease {
  void operator()(Stream* stream) const { stream->release(); }
};
using StreamPointer = std::unique_ptr<Stream, StreamRelease>;

}  // namespace katydid
