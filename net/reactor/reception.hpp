#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace katydid {

class StreamOwner;

/// An answer of more than this is received in large pieces, and so are those that follow.
inline constexpr std::uint64_t large_answer = 48 * 1024;

/// How a stream receives what its owner has said of it: Stream::discard() and Stream::expect().
class Reception {
 public:
  void discard(int socket, std::uint64_t bytes);
  void expect(int socket, std::uint64_t bytes);

  struct Piece {
    ssize_t size = 0;   ///< as recv() says it
    int error = 0;      ///< errno, where that is negative
    bool more = false;  ///< perhaps more has come already
  };
  /// One recv(), and the owner has it. With a size above 0 the stream may be gone by then.
  Piece receive(int socket, StreamOwner& owner);
  /// The same of what the kernel has received on its own. True: bytes are left for on_received().
  bool received(int socket, std::string_view& bytes, StreamOwner& owner);
  /// Since the last start_answer(). @{
  std::uint64_t size_of_answer() const { return answer_; }
  void start_answer() { last_answer_ = answer_, answer_ = 0; }
  /// @}

 private:
  class Call;
  void count(int socket, std::uint64_t bytes) {
    answer_ += bytes;
    if (expected_ > 0) count_expected(socket, bytes);
  }
  void count_expected(int socket, std::uint64_t bytes);
  void set_low_water(int socket);

  std::uint64_t to_discard_ = 0;
  std::uint64_t expected_ = 0;
  std::uint64_t answer_ = 0, last_answer_ = 0;
  bool more_ = false;                                    // perhaps has come already, and is received at once
  [[maybe_unused]] std::optional<bool> tells_arrivals_;  // whether there is a last_arrival(); asked once
  [[maybe_unused]] int low_water_ = 1;                   // SO_RCVLOWAT, which only Linux honours for those who poll
};

/// Of a receive or a send: nothing is wrong, it is to be tried later.
inline bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace katydid
