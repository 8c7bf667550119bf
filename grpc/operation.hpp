#pragma once

#include "net/context.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace katydid {

class GrpcCall;

/// One thing that somebody waits for of a call. The call does the work; whoever made it is called once, from the loop.
class GrpcOperation {
 public:
  enum class Kind : std::uint8_t {
    end,    ///< of the call; what was not read is dropped
    over,   ///< the same, and nothing is dropped
    head,   ///< the server's initial metadata
    read,   ///< a message
    write,  ///< the server takes what is sent
  };
  using Done = void (*)(GrpcOperation&);

  GrpcOperation(std::shared_ptr<GrpcCall> call, Kind what, Done done)
      : kind(what), call_(std::move(call)), done_(done) {}
  /// Of one that has not begun.
  GrpcOperation(GrpcOperation&& other) noexcept;
  GrpcOperation& operator=(GrpcOperation&&) = delete;
  ~GrpcOperation() { cancel(); }

  const Kind kind;
  std::string payload{};  ///< to write, with its prefix
  bool success = false;   ///< there is a message, or it was written

  /// Begins the call as well, when this is the first. True when it is over already: nobody is called then.
  bool begin(Context& context);
  /// Nobody waits for it any more. Its maker is not called.
  void cancel();
  GrpcCall& call() const { return *call_; }

 private:
  friend class GrpcCall;
  enum class State : std::uint8_t { idle, waiting, told };
  void tell();

  std::shared_ptr<GrpcCall> call_;
  Done done_;
  State state_ = State::idle;
  bool in_flight_ = false;
  Context* context_ = nullptr;
};

}  // namespace katydid
