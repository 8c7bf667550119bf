#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

class FastConnection;
struct Proxy;
class Source;

/// What is behind a connection on its way to be open.
enum class ConnectStep : std::uint8_t { resolved, connected, secured };

/// Whom a connection serves: a request, and then perhaps the reader of its answer's body. After any of these calls but
/// on_step(), on_open(), on_received(), on_discarded(), take_from() and on_sent() the connection has forgotten it.
class ConnectionUser {
 public:
  /// One of those that its connection is made for is told how far that is.
  virtual void on_step(ConnectStep) {}
  virtual void on_open() = 0;
  virtual void on_received(std::string_view bytes) = 0;
  /// So many bytes of those that FastConnection::discard() has named.
  virtual void on_discarded(std::uint64_t) {}
  /// As StreamOwner has it, for FastConnection::expect().
  virtual bool take_from(Source&, std::size_t /*most*/) { return false; }
  /// The connection is gone: `error` is an errno, 0 when the server closed it.
  virtual void on_ended(int error) = 0;
  /// TLS ended without a goodbye: whether that matters depends on how the body is delimited.
  virtual void on_truncated(std::string error) = 0;
  virtual void on_failed(std::string error) = 0;
  /// What FastConnection::tell_when_sent() has asked for.
  virtual void on_sent() {}
  /// The same, but in the loop's next turn.
  virtual void fail_soon(std::string error) = 0;
  /// The client is gone, and the connection with it.
  virtual void on_abandoned() {}
  /// Where it wants to go, for the errors of a connection that is not open yet.
  virtual std::string place() const { return {}; }
  /// The proxy on the way there, or null.
  virtual const Proxy* proxy() const { return nullptr; }

  /// Only of HTTP/2, where on_received() has the body and nothing else. @{
  /// A field of the answer's head, ":status" before all others, or, behind the body, of its trailers. It is made as a
  /// field has to be. False: it can't be taken, and refusal() says why.
  virtual bool on_field(std::string_view, std::string_view) { return true; }
  /// The fields are all there; more may follow when they were provisional.
  virtual bool on_fields_end() { return true; }
  virtual std::string refusal() const { return {}; }
  /// The answer is whole.
  virtual void on_whole() {}
  /// The stream is gone, and the server has not looked at the request (RFC 9113, 8.7).
  virtual void on_refused(std::string error) { on_failed(std::move(error)); }
  /// The server has reset the stream, with an error of RFC 9113, 7.
  virtual void on_reset(std::uint32_t, std::string error) { on_failed(std::move(error)); }
  /// The server has chosen HTTP/1.1: the connection serves it alone; null: it serves another.
  virtual void on_http1(FastConnection*) {}
  /// @}

 protected:
  ~ConnectionUser() = default;
};

}  // namespace katydid
