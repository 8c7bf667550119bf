#pragma once

#include "http/stream/body_stream.hpp"

#include <string_view>

namespace katydid {

/// A body that comes from a test, and not over a connection.
class Pieces final : public BodyStream {
 public:
  explicit Pieces(Loop& loop, Limits limits = {}) : BodyStream(loop, limits) {}
  void come(std::string_view bytes) {
    receiving().append(bytes);
    received();
  }
  void end() { ended(); }

 private:
  void hold(bool) override {}
  void abandon() override {}
};

}  // namespace katydid
