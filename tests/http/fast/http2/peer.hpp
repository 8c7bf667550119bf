#pragma once

#include "tests/support/raw_server.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace katydid {

/// A server of HTTP/2 that does exactly what a test wants, frame by frame.
class Http2Peer {
 public:
  enum Type : std::uint8_t {
    data,
    headers,
    priority,
    reset,
    settings,
    push_promise,
    ping,
    goaway,
    window,
    continuation
  };
  enum Flag : std::uint8_t { none = 0, end_stream = 1, ack = 1, end_headers = 4, padded = 8 };
  struct Frame {
    std::uint8_t type = 0, flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
  };

  /// One connection, whose preface was read and answered with settings.
  class Connection {
   public:
    explicit Connection(int fd) : fd_(fd) {}
    /// False when it was closed.
    bool read(Frame& frame);
    /// The stream of the next request, whose frames are read up to its head; 0 when it was closed.
    std::uint32_t next_request();
    void send(const Frame& frame) { send_raw(bytes_of(frame)); }
    void send_raw(std::string_view bytes) { RawServer::write(fd_, bytes); }
    /// ":status: 200" and an end, or a body that follows.
    void answer(std::uint32_t stream, std::string_view body = "fine");
    void wait_for_close() { RawServer::wait_for_close(fd_); }

   private:
    int fd_;
  };

  explicit Http2Peer(std::function<void(Connection&)> talk, std::string settings = {},
                     RawServer::Serving serving = RawServer::Serving::one_by_one);
  std::string url(std::string_view path = "/") const { return server_.url(path); }

  static std::string bytes_of(const Frame& frame);
  static std::string number(std::uint32_t value);
  /// A field as HPACK has it without a table: below 127 bytes each.
  static std::string field(std::string_view name, std::string_view value);
  static std::string status(int code) { return field(":status", std::to_string(code)); }

 private:
  RawServer server_;
};

}  // namespace katydid
