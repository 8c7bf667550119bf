#include "worker/otel/writer.hpp"

#include "base/utf8.hpp"
#include "base/value.hpp"
#include "http/span.hpp"

#include <bit>

namespace katydid::otel {
namespace {

/// https://protobuf.dev/programming-guides/encoding/
class ProtobufWriter final : public Writer {
 public:
  void begin(Field field) override {
    tag(field, Wire::length);
    starts_.push_back(out_.size());
  }
  void end() override {
    const std::size_t start = starts_.back();
    starts_.pop_back();
    out_.insert(start, varint(out_.size() - start));
  }
  void begin_list(Field) override {}
  void end_list() override {}

  void text(Field field, std::string_view value) override { bytes(field, valid_utf8(value)); }
  void id(Field field, std::span<const std::uint8_t> value) override {
    bytes(field, {reinterpret_cast<const char*>(value.data()), value.size()});
  }
  void choice(Field field, unsigned value) override { integer(field, value); }
  void truth(Field field) override { integer(field, 1); }
  void integer(Field field, std::int64_t value) override {
    tag(field, Wire::varint);
    out_ += varint(static_cast<std::uint64_t>(value));
  }
  void fixed(Field field, std::uint64_t value) override {
    tag(field, Wire::fixed64);
    put(value);
  }
  void real(Field field, double value) override { fixed(field, std::bit_cast<std::uint64_t>(value)); }
  void fixed_list(Field field, std::span<const std::uint64_t> values) override {
    tag(field, Wire::length);
    out_ += varint(8 * values.size());
    for (const std::uint64_t value : values) put(value);
  }
  void real_list(Field field, std::span<const double> values) override {
    tag(field, Wire::length);
    out_ += varint(8 * values.size());
    for (const double value : values) put(std::bit_cast<std::uint64_t>(value));
  }

  std::string take() override { return std::exchange(out_, {}); }

 private:
  enum class Wire : unsigned { varint = 0, fixed64 = 1, length = 2 };

  static std::string varint(std::uint64_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
    return text += static_cast<char>(value);
  }
  void tag(Field field, Wire wire) { out_ += varint(field.number << 3 | static_cast<unsigned>(wire)); }
  void put(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift);
  }
  void bytes(Field field, std::string_view value) {
    tag(field, Wire::length);
    out_.append(varint(value.size())).append(value);
  }

  std::string out_;
  std::vector<std::size_t> starts_;  // of the messages that have not ended
};

/// JSON Protobuf Encoding as OTLP has it: 64-bit integers are text, enums are numbers, ids are hexadecimal.
class JsonWriter final : public Writer {
 public:
  void begin(Field field) override {
    key(field);
    out_ += '{';
    places_.push_back(Place::message);
    first_ = true;
  }
  void end() override { close('}'); }
  void begin_list(Field field) override {
    key(field);
    out_ += '[';
    places_.push_back(Place::list);
    first_ = true;
  }
  void end_list() override { close(']'); }

  void text(Field field, std::string_view value) override { put(field, Value(value).dump()); }
  void id(Field field, std::span<const std::uint8_t> bytes) override {
    put(field, quoted(hex_text(bytes.data(), bytes.size())));
  }
  void choice(Field field, unsigned value) override { put(field, std::to_string(value)); }
  void truth(Field field) override { put(field, "true"); }
  void integer(Field field, std::int64_t value) override { put(field, quoted(std::to_string(value))); }
  void fixed(Field field, std::uint64_t value) override { put(field, quoted(std::to_string(value))); }
  void real(Field field, double value) override { put(field, Value(value).dump()); }
  void fixed_list(Field field, std::span<const std::uint64_t> values) override {
    begin_list(field);
    for (const std::uint64_t value : values) fixed(field, value);
    end_list();
  }
  void real_list(Field field, std::span<const double> values) override {
    begin_list(field);
    for (const double value : values) real(field, value);
    end_list();
  }

  std::string take() override { return "{" + std::exchange(out_, {}) + "}"; }

 private:
  enum class Place { message, list };

  static std::string quoted(std::string text) { return '"' + std::move(text) + '"'; }
  void key(Field field) {
    if (!std::exchange(first_, false)) out_ += ',';
    if (places_.empty() || places_.back() == Place::message) out_.append("\"").append(field.name).append("\":");
  }
  void put(Field field, std::string_view value) {
    key(field);
    out_.append(value);
  }
  void close(char bracket) {
    out_ += bracket;
    places_.pop_back();
    first_ = false;
  }

  std::string out_;
  std::vector<Place> places_;
  bool first_ = true;  // nothing has been written where we are
};

}  // namespace

std::unique_ptr<Writer> Writer::make(Format format) {
  if (format == Format::json) return std::make_unique<JsonWriter>();
  return std::make_unique<ProtobufWriter>();
}

}  // namespace katydid::otel
