#pragma once

#include "http/body_source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

class FastTransfer;

/// A request's body on its way, which a source makes piece by piece.
class Upload final : BodySource::Sender {
 public:
  enum class State {
    fresh,
    sending,  ///< what was taken last is to be sent before more is taken
    waiting,  ///< for the source
    whole,    ///< all is taken
    stopped
  };

  /// Of a body whose size is not known: HTTP/1.1 has chunks, and HTTP/2 has its own.
  enum class Framing { chunks, none };

  Upload(FastTransfer& transfer, std::shared_ptr<BodySource> source);
  ~Upload();

  std::optional<std::uint64_t> size() const { return source_->size(); }
  State state() const { return state_; }
  bool under_way() const { return state_ == State::sending || state_ == State::waiting; }

  void set_framing(Framing framing) { framing_ = framing; }
  /// The head is sent.
  void begin() { state_ = State::sending; }
  /// Takes what the source has, up to a good amount. It may run the user's code, and that may end the request.
  void take();
  /// What was taken and is to be sent, as it goes over the wire.
  std::string& wire() { return wire_; }
  /// Why the body has ended too early, or "".
  const std::string& error() const { return error_; }

  /// Takes no more.
  void stop();
  /// Begins again; false when the source can't.
  bool rewind();

  /// All of an answer has come before all of the body was sent.
  bool answered = false;
  /// And nothing behind it.
  bool tidy = true;

 private:
  void on_more() override;
  void take_some();
  void append(std::string_view piece);
  void end();

  FastTransfer& transfer_;
  std::shared_ptr<BodySource> source_;
  std::uint64_t taken_ = 0;  // bytes of the body
  std::string wire_, error_;
  State state_ = State::fresh;
  Framing framing_ = Framing::chunks;
};

}  // namespace katydid
