#pragma once

#include <string>
#include <string_view>

namespace katydid {

class ConnectionUser;
class FastConnection;
class Http2Stream;

/// What a request has of a connection: all of one that speaks HTTP/1.1, or a stream of one that speaks HTTP/2. A handle
/// without any of it is empty.
class Channel {
 public:
  Channel() = default;
  explicit Channel(FastConnection& connection, Http2Stream* stream = nullptr)
      : connection_(&connection), stream_(stream) {}

  explicit operator bool() const { return connection_ != nullptr; }
  FastConnection* operator->() const { return connection_; }
  /// Null of HTTP/1.1.
  Http2Stream* stream() const { return stream_; }

  /// What is received from now on is for that one.
  void hand_to(ConnectionUser& user) const;
  /// Receives nothing more for now, or goes on.
  void hold(bool held) const;
  /// All was sent and received: the connection is free for other requests.
  void finish() const;
  /// Nothing more is wanted: closes the connection, or the stream.
  void give_up() const;

 private:
  FastConnection* connection_ = nullptr;
  Http2Stream* stream_ = nullptr;
};

}  // namespace katydid
