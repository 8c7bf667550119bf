#pragma once

#include "grpc/call.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid {

/// A class that protoc has made, or bytes as they are.
template <class T>
concept GrpcMessage = std::same_as<T, std::string> || (std::default_initializable<T> && std::movable<T> &&
                                                       requires(T message, const T made, std::string* out) {
                                                         { made.AppendToString(out) } -> std::same_as<bool>;
                                                         {
                                                           message.ParseFromArray(out->data(), 0)
                                                         } -> std::same_as<bool>;
                                                       });

template <GrpcMessage Message>
void append_to(std::string& out, const Message& message) {
  if constexpr (std::same_as<Message, std::string>) {
    out.append(message);
  } else {
    message.AppendToString(&out);
  }
}

template <GrpcMessage Message>
bool parse(Message& message, std::string_view bytes) {
  if constexpr (std::same_as<Message, std::string>) {
    message = bytes;
    return true;
  } else {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }
}

/// A call with its replies that nobody has read yet.
template <GrpcMessage Reply>
class GrpcTypedCall final : public GrpcCall {
 public:
  using GrpcCall::GrpcCall;

  /// There is one.
  Reply next() {
    Reply reply = std::move(replies_[next_++]);
    if (next_ == replies_.size()) drop();
    if (next_ >= 64 && next_ * 2 >= replies_.size()) {  // of a reader who never catches up
      replies_.erase(replies_.begin(), replies_.begin() + static_cast<std::ptrdiff_t>(next_));
      next_ = 0;
    }
    return reply;
  }
  /// Of a call with one reply, when its status is OK.
  Reply& only() {
    if (replies_.empty()) replies_.emplace_back();
    return replies_.front();
  }

 private:
  bool take(std::string_view message) override { return parse(replies_.emplace_back(), message); }
  void drop() override {
    replies_.clear();
    next_ = 0;
  }

  std::vector<Reply> replies_;
  std::size_t next_ = 0;
};

}  // namespace katydid
