#pragma once

#include "http/tracer.hpp"

namespace katydid {

/// Prints an exchange as it goes over the wire, `>` for what is sent and `<` for what comes back.
class PrintingTracer final : public Tracer {
 public:
  void trace(Part part, std::string_view text) override;
};

}  // namespace katydid
