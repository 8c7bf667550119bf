#pragma once

#include "worker/otel/settings.hpp"
#include "worker/otel/writer.hpp"

#include <cstdint>
#include <string_view>

namespace katydid::otel {

/// Attributes of a message, whose field they are. @{
class Attributes {
 public:
  Attributes(Writer& writer, Field field) : writer_(writer), field_(field) { writer_.begin_list(field_); }
  ~Attributes() { writer_.end_list(); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  void put(std::string_view key, std::string_view value);
  void put(std::string_view key, std::int64_t value);

 private:
  template <class WriteValue>
  void put_with(std::string_view key, WriteValue&& write_value);

  Writer& writer_;
  Field field_;
};
/// @}

/// Begins a `ResourceMetrics` or `ResourceSpans` and the scope in it; what is measured follows as a list.
void begin_export(Writer& writer, Field of_resource, Field of_scope, const Pairs& resource);
void end_export(Writer& writer);

/// "HTTPError" of "HTTPError('404 …')": what OpenTelemetry calls error.type.
std::string_view kind_of_error(std::string_view error);

}  // namespace katydid::otel
