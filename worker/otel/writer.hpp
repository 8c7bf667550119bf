#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid::otel {

/// A field of a message: its number in protobuf, and its name in JSON.
struct Field {
  std::uint32_t number;
  std::string_view name;
};

enum class Format { protobuf, json };

/// Writes one of OTLP's messages, field by field, in the order of calls. Fields that are repeated are a list. Text that
/// is no UTF-8 has U+FFFD in the place of what is wrong.
class Writer {
 public:
  virtual ~Writer() = default;
  static std::unique_ptr<Writer> make(Format format);

  /// A message within the message. In a list, the list's own field is given again. @{
  virtual void begin(Field field) = 0;
  virtual void end() = 0;
  /// @}
  virtual void begin_list(Field field) = 0;
  virtual void end_list() = 0;

  virtual void text(Field field, std::string_view value) = 0;
  /// Of an id: bytes in protobuf, hexadecimal digits in JSON.
  virtual void id(Field field, std::span<const std::uint8_t> bytes) = 0;
  /// An enum's, or 1 for a truth that holds.
  virtual void choice(Field field, unsigned value) = 0;
  virtual void truth(Field field) = 0;
  virtual void integer(Field field, std::int64_t value) = 0;  ///< int64
  virtual void fixed(Field field, std::uint64_t value) = 0;   ///< fixed64 or sfixed64
  virtual void real(Field field, double value) = 0;
  virtual void fixed_list(Field field, std::span<const std::uint64_t> values) = 0;
  virtual void real_list(Field field, std::span<const double> values) = 0;

  /// The whole message, of which all that was begun has ended.
  virtual std::string take() = 0;
};

}  // namespace katydid::otel
