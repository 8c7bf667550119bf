#pragma once

#include "http/content/decoder.hpp"
#include "http/fast/connection.hpp"
#include "http/fast/response_parser.hpp"
#include "http/stream/body_stream.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// A body that comes over a connection, which it holds until the end: then the connection is free for the next request.
/// Let go of before that, it closes the connection.
class FastBody final : public BodyStream, public ConnectionUser {
 public:
  struct Start {
    ResponseParser parser;    ///< that has read the head
    std::string first_bytes;  ///< of the body, as they were sent
    std::unique_ptr<ContentDecoder> decoder;
    bool may_reuse = true;         ///< the connection, once all has come
    bool takes_ragged_end = true;  ///< of a TLS connection, for the end of the body
  };
  /// Goes on with an answer whose head is there.
  FastBody(Loop& loop, Limits limits, Start start, Channel channel);
  /// All of it is there already, or all that comes before that error.
  FastBody(Loop& loop, Limits limits, Start start, std::string error);
  ~FastBody() override;

 private:
  void on_open() override {}
  void on_received(std::string_view bytes) override;
  void on_ended(int error) override;
  void on_truncated(std::string error) override;
  void on_failed(std::string error) override;
  void fail_soon(std::string error) override;
  void on_abandoned() override;
  void on_whole() override { complete(true); }

  void hold(bool held) override;
  void abandon() override;
  /// What the decoder makes of `bytes`; false when it ended here.
  bool decode(std::string_view bytes);
  void complete(bool reusable);
  void fail(std::string error);

  ResponseParser parser_;
  std::unique_ptr<ContentDecoder> decoder_;
  Channel channel_;
  bool may_reuse_, takes_ragged_end_;
};

}  // namespace katydid
