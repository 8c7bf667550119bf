#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace katydid {

/// The body of a request that is made while it is sent, piece by piece, so that memory stays small whatever its size:
/// `client.post("/upload", file_body("big.bin"))`. It is the body of one request at a time.
class BodySource {
 public:
  /// Whoever sends it.
  class Sender {
   public:
    /// Where next() has said `later`: now there is more, or the end.
    virtual void on_more() = 0;

   protected:
    ~Sender() = default;
  };

  enum class State { piece, later, end };
  struct Next {
    State state;
    std::string_view piece{};  ///< valid until the next call
  };

  BodySource() = default;
  virtual ~BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;

  /// Bytes in all. Nothing when that is not known: then each piece is sent as a chunk of HTTP/1.1.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// Called from the loop, when there is room for more. A std::exception ends the request: "BodyError: " and its text.
  virtual Next next() = 0;
  /// Begins again, for a redirect or a second try; false when it can't.
  virtual bool rewind() = 0;
  /// Nobody wants more of it; not called after its end.
  virtual void closed() {}

  /// Null: nobody.
  void set_sender(Sender* sender) { sender_ = sender; }

 protected:
  void tell_sender() {
    if (sender_) sender_->on_more();
  }

 private:
  Sender* sender_ = nullptr;
};

/// Puts the next bytes into `room` and returns how many; 0 is the end.
using FillBody = std::function<std::size_t(std::span<char> room)>;

/// What a function makes. Where the size is known, the server is told; else the body is sent in chunks. Throws
/// std::invalid_argument without a function.
std::shared_ptr<BodySource> body_from(FillBody fill, std::optional<std::uint64_t> size = {});

/// The bytes that a file has now, read as they are sent. Throws std::system_error when it can't be opened.
std::shared_ptr<BodySource> file_body(const std::string& path);

}  // namespace katydid
