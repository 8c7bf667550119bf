#include "base/utf8.hpp"
#include "base/value.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace katydid {
namespace {

void write_text(std::string_view text, std::string& out) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += hex[c >> 4];
          out += hex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write_string(std::string_view text, std::string& out) {
  if (valid_utf8_prefix(text) == text.size()) {
    write_text(text, out);
  } else {
    write_text(valid_utf8(text), out);
  }
}

void write_double(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char buffer[32];
  const char* const end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == text.npos) out += ".0";
}

void write_base64(std::string_view bytes, std::string& out) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out += '"';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; };
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  out += '"';
}

void write(const Value& value, std::string& out);

void write_object(const Value::Object& fields, std::string& out) {
  out += '{';
  for (bool first = true; const auto& [key, item] : fields) {
    if (!std::exchange(first, false)) out += ',';
    if (key.is_string()) {
      write_string(key.as_string(), out);
    } else {
      write_text(key.dump(), out);
    }
    out += ':';
    write(item, out);
  }
  out += '}';
}

void write_array(const Value::Array& items, std::string& out) {
  out += '[';
  for (bool first = true; const auto& item : items) {
    if (!std::exchange(first, false)) out += ',';
    write(item, out);
  }
  out += ']';
}

void write(const Value& value, std::string& out) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_uint64()) {
    out += std::to_string(value.as_uint());
  } else if (value.is_int()) {
    out += std::to_string(value.as_int());
  } else if (value.is_double()) {
    write_double(value.as_double(), out);
  } else if (value.is_string()) {
    write_string(value.as_string(), out);
  } else if (value.is_binary()) {
    write_base64(value.as_binary().bytes, out);
  } else if (value.is_array()) {
    write_array(value.as_array(), out);
  } else {
    write_object(value.as_object(), out);
  }
}

/// Builds a Value from the parser's events. `open_` holds the containers that are not closed yet, by value, so that a
/// growing array never moves one that somebody points into.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::object()); }
  bool start_array(std::size_t) override { return open(Value::array()); }
  bool key(string_t& name) override {
    keys_.back() = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    const std::string_view what = error.what();
    const std::size_t prefix = what.find("] ");  // "[json.exception.parse_error.101] "
    error_ = what.substr(prefix == what.npos ? 0 : prefix + 2);
    return false;
  }

  Value take() {
    if (!error_.empty()) throw std::runtime_error("not valid JSON: " + error_);
    return std::move(root_);
  }

 private:
  static constexpr std::size_t max_depth = 256;

  bool open(Value container) {
    if (open_.size() == max_depth) {
      error_ = "nested deeper than " + std::to_string(max_depth) + " levels";
      return false;
    }
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(done));
  }

  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().as_array().push_back(std::move(value));
    } else {
      open_.back().as_object().emplace_back(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  Value root_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;
  std::string error_;
};

}  // namespace

std::string Value::dump() const {
  std::string out;
  write(*this, out);
  return out;
}

Value Value::parse(std::string_view text) {
  Builder builder;
  nlohmann::json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace katydid
