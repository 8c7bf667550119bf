#include "protocol/msgpack.hpp"

#include "protocol/codec.hpp"
#include "protocol/packer.hpp"

#include <stdexcept>

namespace katydid::protocol {
namespace {

/// Builds a Value from the parser's events and refuses what exceeds the limits before it takes memory.
class Builder : public msgpack::null_visitor {
 public:
  bool visit_nil() { return add(nullptr); }
  bool visit_boolean(bool value) { return add(value); }
  bool visit_positive_integer(std::uint64_t value) { return add(value); }
  bool visit_negative_integer(std::int64_t value) { return add(value); }
  bool visit_float32(float value) { return add(value); }
  bool visit_float64(double value) { return add(value); }
  bool visit_str(const char* data, std::uint32_t size) { return add(std::string(data, size)); }
  bool visit_bin(const char* data, std::uint32_t size) { return add(Binary(std::string(data, size))); }
  bool visit_ext(const char* data, std::uint32_t size) {
    return add(Binary(std::string(data, size).substr(size == 0 ? 0 : 1)));  // its first byte is the type
  }
  bool start_array(std::uint32_t size) { return open(Value::array(), size); }
  bool end_array() { return close(); }
  bool start_map(std::uint32_t size) { return open(Value::object(), std::size_t{2} * size); }
  bool end_map() { return close(); }
  void parse_error(std::size_t, std::size_t position) { fail("no msgpack at byte " + std::to_string(position)); }
  void insufficient_bytes(std::size_t, std::size_t position) { fail("cut off at byte " + std::to_string(position)); }

  void fail(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }
  const std::string& error() const { return error_; }
  Value take() { return std::move(root_); }

 private:
  struct Open {
    explicit Open(Value v) : container(std::move(v)) {}
    Value container;
    Value key;
    bool has_key = false;
  };

  bool open(Value container, std::size_t values) {
    // As JSON, each level of objects that are keys would double the backslashes of those within.
    if (!open_.empty() && open_.back().container.is_object() && !open_.back().has_key) {
      fail(unhashable_key);
      return false;
    }
    if (open_.size() == Limits::depth) {
      fail("nested deeper than " + std::to_string(Limits::depth) + " levels");
      return false;
    }
    if (values > Limits::values - values_) {
      fail("more than " + std::to_string(Limits::values) + " values");
      return false;
    }
    values_ += values;
    open_.emplace_back(std::move(container));
    return true;
  }

  bool close() {
    Value done = std::move(open_.back().container);
    open_.pop_back();
    return add(std::move(done));
  }

  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Open& parent = open_.back();
    if (parent.container.is_array()) {
      parent.container.as_array().push_back(std::move(value));
    } else if (parent.has_key) {
      parent.container.as_object().emplace_back(std::move(parent.key), std::move(value));
      parent.has_key = false;
    } else {
      parent.key = std::move(value);
      parent.has_key = true;
    }
    return true;
  }

  Value root_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  std::string error_;
};

}  // namespace

void Packer::value(const Value& value) {
  if (value.is_null()) {
    nil();
  } else if (value.is_bool()) {
    boolean(value.as_bool());
  } else if (value.is_uint64()) {
    natural(value.as_uint());
  } else if (value.is_int()) {
    integer(value.as_int());
  } else if (value.is_double()) {
    real(value.as_double());
  } else if (value.is_string()) {
    text(value.as_string());
  } else if (value.is_binary()) {
    const std::string& bytes = value.as_binary().bytes;
    packer_.pack_bin(static_cast<std::uint32_t>(bytes.size()));
    packer_.pack_bin_body(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  } else if (value.is_array()) {
    array(value.size());
    for (const Value& item : value.as_array()) this->value(item);
  } else {
    map(value.size());
    for (const auto& [key, item] : value.as_object()) {
      this->value(key);
      this->value(item);
    }
  }
}

Value unpack(std::string_view bytes) {
  if (bytes.size() > Limits::frame_bytes) {
    throw std::runtime_error(std::to_string(bytes.size()) + " bytes are more than the " +
                             std::to_string(Limits::frame_bytes) + " that are read");
  }
  Builder builder;
  std::size_t end = 0;
  if (!msgpack::parse(bytes.data(), bytes.size(), end, builder)) {
    builder.fail("no msgpack");
    throw std::runtime_error(builder.error());
  }
  if (end != bytes.size()) throw std::runtime_error("more bytes after the message, at byte " + std::to_string(end));
  return builder.take();
}

std::string pack(const Value& value) {
  Packer packer;
  packer.value(value);
  return packer.take();
}

}  // namespace katydid::protocol
