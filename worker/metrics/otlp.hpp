#pragma once

#include "worker/otel/settings.hpp"
#include "worker/otel/writer.hpp"

#include <chrono>
#include <string>

namespace katydid::metrics {

class Book;

/// What of a book goes into an export: all of it, or, with `since`, what came after that state of it.
struct Exported {
  const Book& book;
  const Book* since = nullptr;
  std::chrono::system_clock::time_point from{}, now{};
};

/// An ExportMetricsServiceRequest.
std::string metrics_message(const Exported& exported, const otel::Pairs& resource, otel::Format format);

}  // namespace katydid::metrics
