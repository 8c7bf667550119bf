#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

namespace katydid {

/// No aggregate: one pair of braces too many would make a single string_view of name and value, as its begin and end.
struct Field {
  constexpr Field() = default;
  constexpr Field(std::string_view n, std::string_view v) : name(n), value(v) {}

  std::string_view name{};
  std::string_view value{};
};

/// A short list of names and values: headers, query parameters, form fields, cookies.
/// Written as `{{"page", "2"}, {"q", text}}`, up to eight; a longer list is kept by the caller and given as a span.
/// It views its strings and is trivially copyable: what a co_await expression holds must be (docs/locustfiles.md says
/// why).
class Fields {
 public:
  constexpr Fields() {}
  constexpr Fields(Field f0) : Fields(f0, {}, {}) {}
  constexpr Fields(Field f0, Field f1, Field f2 = {}, Field f3 = {}, Field f4 = {}, Field f5 = {}, Field f6 = {},
                   Field f7 = {})
      : inline_{f0, f1, f2, f3, f4, f5, f6, f7} {
    // Those that were not given are without data; one with an empty name is for its reader to refuse.
    for (const Field& field : inline_) {
      if (field.name.data() || field.value.data()) inline_[size_++] = field;
    }
  }
  constexpr Fields(std::span<const Field> fields) : outside_(fields.data()), size_(fields.size()) {}

  constexpr const Field* begin() const { return outside_ ? outside_ : inline_; }
  constexpr const Field* end() const { return begin() + size_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }

 private:
  union {  // so that an empty list is not written to: requests mostly have three of them
    Field inline_[8];
  };
  const Field* outside_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace katydid
