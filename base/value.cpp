#include "base/value.hpp"

#include <cmath>
#include <optional>
#include <stdexcept>

namespace katydid {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;

/// The number as int64 or uint64 when it is whole and fits, so that 1 and 1.0 can be told equal without rounding.
std::optional<std::int64_t> whole(double number) {
  if (!(number >= -two_to_63 && number < two_to_63) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::uint64_t> whole_unsigned(double number) {
  if (!(number >= 0 && number < 2 * two_to_63) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

bool same_number(const Value& a, const Value& b) {
  if (a.is_double() && b.is_double()) return a.as_double() == b.as_double();
  if (a.is_double()) return same_number(b, a);
  if (!b.is_double()) {
    if (a.is_uint64() != b.is_uint64()) return false;
    return a.is_uint64() ? a.as_uint() == b.as_uint() : a.as_int() == b.as_int();
  }
  return a.is_uint64() ? whole_unsigned(b.as_double()) == a.as_uint() : whole(b.as_double()) == a.as_int();
}

bool same_fields(const Value::Object& a, const Value::Object& b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;
  for (const auto& [key, value] : a) {
    bool found = false;
    for (auto other = b.rbegin(); other != b.rend() && !found; ++other) {
      if (!(other->first == key)) continue;
      if (!(other->second == value)) return false;
      found = true;
    }
    if (!found) return false;
  }
  return true;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shown = Value(text.substr(0, longest)).dump();
  if (text.size() > longest) shown += "...";
  return shown;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// For what is read through a const accessor of a Value that is not const.
template <class T>
T& own(const T& part) {
  return const_cast<T&>(part);
}

std::string describe(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) return "the string " + in_quotes(value.as_string());
  if (value.is_binary()) return counted(value.as_binary().bytes.size(), "byte") + " of binary";
  if (value.is_array()) return "an array of " + counted(value.size(), "item");
  if (value.is_object()) return "an object of " + counted(value.size(), "field");
  return std::string(value.type_name()) + ' ' + value.dump();
}

}  // namespace

Value::Value(Field a) { set_all(a); }
Value::Value(Field a, Field b) { set_all(a, b); }
Value::Value(Field a, Field b, Field c) { set_all(a, b, c); }
Value::Value(Field a, Field b, Field c, Field d) { set_all(a, b, c, d); }
Value::Value(Field a, Field b, Field c, Field d, Field e) { set_all(a, b, c, d, e); }
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f) { set_all(a, b, c, d, e, f); }
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g) { set_all(a, b, c, d, e, f, g); }
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h) {
  set_all(a, b, c, d, e, f, g, h);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i) {
  set_all(a, b, c, d, e, f, g, h, i);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j) {
  set_all(a, b, c, d, e, f, g, h, i, j);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k) {
  set_all(a, b, c, d, e, f, g, h, i, j, k);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k,
             Field l) {
  set_all(a, b, c, d, e, f, g, h, i, j, k, l);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k, Field l,
             Field m) {
  set_all(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k, Field l,
             Field m, Field n) {
  set_all(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k, Field l,
             Field m, Field n, Field o) {
  set_all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
}
Value::Value(Field a, Field b, Field c, Field d, Field e, Field f, Field g, Field h, Field i, Field j, Field k, Field l,
             Field m, Field n, Field o, Field p) {
  set_all(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}

Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;
Value::Value(const char* text) {
  if (text) data_ = std::string(text);
}
Value Value::object() { return Value(Object{}); }

void Value::hold(bool value) { data_ = value; }
void Value::hold(std::int64_t value) { data_ = value; }
void Value::hold(std::uint64_t value) { data_ = value; }
void Value::hold(double value) { data_ = value; }
void Value::hold(std::string&& text) { data_ = std::move(text); }
void Value::hold(Binary&& binary) { data_ = std::move(binary); }
void Value::hold(Array&& items) { data_ = std::move(items); }
void Value::hold(Object&& fields) { data_ = std::move(fields); }

std::string_view Value::type_name() const {
  constexpr std::string_view names[] = {"null",   "bool",   "integer", "integer", "number",
                                        "string", "binary", "array",   "object"};
  return names[data_.index()];
}

void Value::throw_type(std::string_view expected) const {
  throw std::runtime_error("expected " + std::string(expected) + ", have " + describe(*this));
}

void Value::throw_field(std::string_view key, const char* what) {
  throw std::runtime_error("field " + in_quotes(key) + ": " + what);
}

bool Value::as_bool() const {
  if (const auto* value = std::get_if<bool>(&data_)) return *value;
  throw_type("a bool");
}

std::int64_t Value::as_int() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  if (const auto* value = std::get_if<double>(&data_)) {
    if (const auto number = whole(*value)) return *number;
  }
  throw_type(is_uint64() ? "an integer below 2^63" : "an integer");
}

std::uint64_t Value::as_uint() const {
  if (const auto* value = std::get_if<std::uint64_t>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_); value && *value >= 0) {
    return static_cast<std::uint64_t>(*value);
  }
  if (const auto* value = std::get_if<double>(&data_)) {
    if (const auto number = whole_unsigned(*value)) return *number;
  }
  throw_type("an integer that is not negative");
}

double Value::as_double() const {
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*value);
  throw_type("a number");
}

const std::string& Value::as_string() const& {
  if (const auto* value = std::get_if<std::string>(&data_)) return *value;
  throw_type("a string");
}

const Binary& Value::as_binary() const& {
  if (const auto* value = std::get_if<Binary>(&data_)) return *value;
  throw_type("binary");
}

const Value::Array& Value::as_array() const& {
  if (const auto* value = std::get_if<Array>(&data_)) return *value;
  throw_type("an array");
}

Value::Array& Value::as_array() & { return own(std::as_const(*this).as_array()); }

const Value::Object& Value::as_object() const& {
  if (const auto* value = std::get_if<Object>(&data_)) return *value;
  throw_type("an object");
}

Value::Object& Value::as_object() & { return own(std::as_const(*this).as_object()); }

const Value& Value::operator[](std::string_view key) const& {
  if (const Value* value = find(key)) return *value;
  if (!is_object()) throw_type("an object with field " + in_quotes(key));
  constexpr std::size_t listed = 10;
  std::string text = "no field " + in_quotes(key);
  const auto& fields = as_object();
  for (std::size_t i = 0; i < fields.size() && i < listed; ++i) {
    text += i == 0 ? " in an object with " : ", ";
    text += fields[i].first.is_string() ? in_quotes(fields[i].first.as_string()) : fields[i].first.dump();
  }
  if (fields.empty()) text += " in an empty object";
  if (fields.size() > listed) text += " and " + std::to_string(fields.size() - listed) + " more";
  throw std::runtime_error(text);
}

const Value& Value::operator[](std::size_t index) const& {
  const auto& items = as_array();
  if (index < items.size()) return items[index];
  throw std::runtime_error("no item " + std::to_string(index) + " in an array of " + std::to_string(items.size()));
}

std::string Value::as_string() && { return std::move(own(as_string())); }
Binary Value::as_binary() && { return std::move(own(as_binary())); }
Value::Array Value::as_array() && { return std::move(own(as_array())); }
Value::Object Value::as_object() && { return std::move(own(as_object())); }
Value Value::operator[](std::string_view key) && { return std::move(own((*this)[key])); }
Value Value::operator[](std::size_t index) && { return std::move(own((*this)[index])); }

const Value* Value::find(std::string_view key) const {
  const auto* fields = std::get_if<Object>(&data_);
  if (!fields) return nullptr;
  for (auto field = fields->rbegin(); field != fields->rend(); ++field) {
    if (const auto* name = std::get_if<std::string>(&field->first.data_); name && *name == key) return &field->second;
  }
  return nullptr;
}

std::size_t Value::size() const {
  if (const auto* items = std::get_if<Array>(&data_)) return items->size();
  if (const auto* fields = std::get_if<Object>(&data_)) return fields->size();
  return 0;
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Object{};
  if (!is_object()) throw_type("an object to set field " + in_quotes(key) + " in");
  if (const Value* old = find(key)) {
    own(*old) = std::move(value);
  } else {
    std::get<Object>(data_).emplace_back(key, std::move(value));
  }
  return *this;
}

Value& Value::update(const Value& object) {
  if (!object.is_object()) return *this;
  for (const auto& [key, value] : object.as_object()) {
    if (key.is_string()) set(key.as_string(), value);
  }
  return *this;
}

Value& Value::push_back(Value value) {
  if (is_null()) data_ = Array{};
  if (!is_array()) throw_type("an array to append to");
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.is_object() && b.is_object()) return same_fields(a.as_object(), b.as_object());
  return a.data_ == b.data_;
}

}  // namespace katydid
