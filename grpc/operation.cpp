#include "grpc/operation.hpp"

#include "grpc/call.hpp"

#include <utility>

namespace katydid {

GrpcOperation::GrpcOperation(GrpcOperation&& other) noexcept
    : kind(other.kind), payload(std::move(other.payload)), call_(std::move(other.call_)), done_(other.done_) {}

bool GrpcOperation::begin(Context& context) {
  context_ = &context;
  if (call_->begin(*this, context)) {
    state_ = State::told;
    return true;
  }
  state_ = State::waiting;
  if (!context.cancelled) {
    ++context.requests_in_flight;
    in_flight_ = true;
  }
  return false;
}

void GrpcOperation::cancel() {
  if (std::exchange(state_, State::told) != State::waiting) return;
  call_->forget(*this);
  if (std::exchange(in_flight_, false)) context_->request_done();
}

void GrpcOperation::tell() {
  state_ = State::told;
  if (std::exchange(in_flight_, false)) context_->request_done();
  done_(*this);
}

}  // namespace katydid
