#pragma once

#include "http/content/decoder.hpp"
#include "http/stream/body_stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

class CurlTransfer;

/// A body that comes by a transfer of libcurl's, which it keeps until the end: then that is free for the next request.
/// Let go of before that, it closes the connection.
class CurlBody final : public BodyStream {
 public:
  /// Without a decoder it gives the bytes as they were sent.
  CurlBody(Loop& loop, Limits limits, CurlTransfer& transfer, std::unique_ptr<ContentDecoder> decoder)
      : BodyStream(loop, limits), transfer_(&transfer), decoder_(std::move(decoder)) {}
  ~CurlBody() override;

  /// Who waits for it is not told yet. False when it can't be decoded.
  bool take_in(std::string_view bytes);
  /// Tells who waits. This may be gone then.
  void tell() { received(); }
  /// All that came in, as it was sent.
  std::uint64_t bytes() const { return bytes_; }
  bool is_held() const { return held_; }
  /// The transfer is over. An empty error is the end of a whole body. This may be gone then.
  void finish(std::string error);

 private:
  void hold(bool held) override;
  void abandon() override;

  CurlTransfer* transfer_;  // null after the end
  std::unique_ptr<ContentDecoder> decoder_;
  std::uint64_t bytes_ = 0;
  bool held_ = false;
};

}  // namespace katydid
