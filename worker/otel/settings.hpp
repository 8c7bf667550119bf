#pragma once

#include "worker/otel/writer.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace katydid::otel {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Where metrics or spans go.
struct Endpoint {
  bool on = true;
  std::string url{};
  Pairs headers{};
  std::chrono::milliseconds timeout{10'000};  ///< of an export, with all that is tried again
  Format format = Format::protobuf;
  bool gzip = false;                                          ///< exports are compressed
  std::string ca_file{}, client_certificate{}, client_key{};  ///< PEM files; empty: the system's, and none
};

/// What OpenTelemetry's own environment variables say.
struct Settings {
  bool on = true;
  Endpoint metrics{}, traces{};
  Pairs resource{};  ///< attributes of what is measured: service.name and others

  std::chrono::milliseconds interval{60'000};  ///< of metrics
  bool delta = false;                          ///< metrics say what came since the last export, not since the begin

  double share = 1;  ///< of requests that are traced
  bool propagates = true;
  std::size_t most_spans = 2'048, batch = 512;
  std::chrono::milliseconds delay{5'000};  ///< of spans

  std::vector<std::string> warnings{};  ///< what was given and has no effect
};

/// As std::getenv.
using Variables = std::function<const char*(const char* name)>;

/// Throws std::runtime_error that names the variable which can't be followed.
Settings settings_from(const Variables& variables, const std::string& locustfile);

}  // namespace katydid::otel
