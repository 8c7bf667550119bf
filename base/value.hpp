#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace katydid {

/// Bytes that are not text: msgpack's bin type.
struct Binary {
  Binary() = default;
  explicit Binary(std::string data) : bytes(std::move(data)) {}
  bool operator==(const Binary&) const = default;

  std::string bytes;
};

/// One dynamic value: msgpack data of the master (parsed_options, custom messages) and JSON bodies.
///
///     co_await client.post("/login", json{{"user", "ann"}, {"roles", json::array("buyer", 7)}});
///     auto name = response.json()["user"].as_string();
///
/// Braces make an object of up to 16 fields; for more, or for keys known only at run time, use set().
/// No constructor takes a std::initializer_list and there is no aggregate inside: GCC 12 handles neither in a
/// co_await expression.
class Value {
 public:
  class Field;
  using Array = std::vector<Value>;
  /// Fields in the order in which they were added. Keys are strings, except in msgpack, where anything goes.
  using Object = std::vector<std::pair<Value, Value>>;

  // What concerns data_ is in value.cpp: a locustfile would take longest to compile of all for the variant's functions.
  Value() noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  Value(std::nullptr_t) noexcept : Value() {}
  Value(const char* text);
  // Templates, because a braced pair of strings must never be taken for one string's begin and end.
  template <std::same_as<bool> T>
  Value(T value) : Value() {
    hold(value);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Value(T value) : Value() {
    if (std::in_range<std::int64_t>(value)) {
      hold(static_cast<std::int64_t>(value));
    } else {
      hold(static_cast<std::uint64_t>(value));
    }
  }
  template <std::floating_point T>
  Value(T value) : Value() {
    hold(static_cast<double>(value));
  }
  template <std::same_as<std::string> T>
  Value(T text) : Value() {
    hold(std::move(text));
  }
  template <std::same_as<std::string_view> T>
  Value(T text) : Value() {
    hold(std::string(text));
  }
  template <std::same_as<Binary> T>
  Value(T binary) : Value() {
    hold(std::move(binary));
  }
  template <std::same_as<Array> T>
  Value(T items) : Value() {
    hold(std::move(items));
  }
  template <std::same_as<Object> T>
  Value(T fields) : Value() {
    hold(std::move(fields));
  }
  template <class T>
    requires(!std::same_as<T, Value> && !std::same_as<T, std::pair<Value, Value>>)
  Value(const std::vector<T>& items) : Value() {
    hold(Array(items.begin(), items.end()));
  }

  Value(Field);
  Value(Field, Field);
  Value(Field, Field, Field);
  Value(Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);
  Value(Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field, Field);

  /// An array of the arguments; without arguments an empty one.
  template <class... T>
  static Value array(T&&... items);
  /// An object without fields.
  static Value object();

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  /// A whole number, sent or parsed as such: 1 but not 1.0.
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_) || is_uint64(); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_double(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_binary() const { return std::holds_alternative<Binary>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }
  /// A whole number above the range of int64, the only ones that as_int() refuses.
  bool is_uint64() const { return std::holds_alternative<std::uint64_t>(data_); }
  /// "null", "bool", "integer", "number", "string", "binary", "array" or "object".
  std::string_view type_name() const;

  // Each of these throws std::runtime_error with the expected and the actual type. What is read from a temporary, such
  // as response.json()["items"].as_array(), is moved out of it, never a reference into it.
  bool as_bool() const;
  /// Takes a double as well when it is whole.
  std::int64_t as_int() const;
  /// Takes non-negative whole numbers, the full range of uint64 included.
  std::uint64_t as_uint() const;
  /// Takes every number.
  double as_double() const;
  const std::string& as_string() const&;
  std::string as_string() &&;
  const Binary& as_binary() const&;
  Binary as_binary() &&;
  const Array& as_array() const&;
  Array& as_array() &;
  Array as_array() &&;
  const Object& as_object() const&;
  Object& as_object() &;
  Object as_object() &&;

  /// The field of an object; throws std::runtime_error, with the key and the keys that there are, when it is missing.
  const Value& operator[](std::string_view key) const&;
  Value operator[](std::string_view key) &&;
  /// The item of an array; throws std::runtime_error when there are not that many.
  const Value& operator[](std::size_t index) const&;
  Value operator[](std::size_t index) &&;
  /// The field, or nullptr when there is none or this is no object. Of equal keys the last one counts.
  const Value* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// The field as T, or the fallback when it is missing or null; throws std::runtime_error when it has another type.
  template <class T>
  T get(std::string_view key, T fallback) const;
  std::string get(std::string_view key, const char* fallback) const { return get(key, std::string(fallback)); }

  /// Items of an array, fields of an object, 0 for everything else.
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// Adds or replaces a field; null becomes an object. Throws std::runtime_error on other types.
  Value& set(std::string_view key, Value value);
  /// Sets all fields of that object whose keys are texts; what is no object has none.
  Value& update(const Value& object);
  /// Appends an item; null becomes an array. Throws std::runtime_error on other types.
  Value& push_back(Value value);

  /// Numbers are equal by value (1 == 1.0), objects whatever the order of their fields.
  friend bool operator==(const Value& a, const Value& b);

  /// Compact JSON. Invalid UTF-8 becomes U+FFFD, NaN and infinity null, binary base64, other keys than strings text.
  std::string dump() const;
  /// Parses JSON; throws std::runtime_error with the position. At most 256 levels deep.
  static Value parse(std::string_view text);

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Binary, Array, Object> data_;

  void hold(bool value);
  void hold(std::int64_t value);
  void hold(std::uint64_t value);
  void hold(double value);
  void hold(std::string&& text);
  void hold(Binary&& binary);
  void hold(Array&& items);
  void hold(Object&& fields);
  template <class... F>
  void set_all(F&... fields) {
    *this = object();
    (set(fields.key_, std::move(fields.value_)), ...);
  }
  [[noreturn]] void throw_type(std::string_view expected) const;
  [[noreturn]] static void throw_field(std::string_view key, const char* what);
};

/// A key and its value, as written in braces; only ever a temporary argument of Value's constructors.
class Value::Field {
 public:
  template <class T>
    requires std::constructible_from<Value, T>
  Field(std::string_view key, T&& value) : key_(key), value_(std::forward<T>(value)) {}
  Field(std::string_view key, Value value) : key_(key), value_(std::move(value)) {}

 private:
  friend class Value;
  std::string_view key_;
  Value value_;
};

/// The name under which scenarios know it.
using json = Value;

template <class... T>
Value Value::array(T&&... items) {
  Array list;
  list.reserve(sizeof...(items));
  (list.emplace_back(std::forward<T>(items)), ...);
  return Value(std::move(list));
}

template <class T>
T Value::get(std::string_view key, T fallback) const {
  const Value* field = find(key);
  if (!field || field->is_null()) return fallback;
  if constexpr (std::same_as<T, Value>) {
    return *field;
  } else {
    try {
      if constexpr (std::same_as<T, bool>) {
        return field->as_bool();
      } else if constexpr (std::unsigned_integral<T>) {
        const std::uint64_t number = field->as_uint();
        if (!std::in_range<T>(number)) throw std::runtime_error("the number is out of range");
        return static_cast<T>(number);
      } else if constexpr (std::integral<T>) {
        const std::int64_t number = field->as_int();
        if (!std::in_range<T>(number)) throw std::runtime_error("the number is out of range");
        return static_cast<T>(number);
      } else if constexpr (std::floating_point<T>) {
        return static_cast<T>(field->as_double());
      } else {
        return field->as_string();
      }
    } catch (const std::exception& error) {
      throw_field(key, error.what());
    }
  }
}

}  // namespace katydid
