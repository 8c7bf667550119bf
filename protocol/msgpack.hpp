#pragma once
#include "base/value.hpp"

#include <string>
#include <string_view>

namespace katydid::protocol {

/// One msgpack value that fills the whole text, within Limits. Extension types become their bytes; a key is no
/// array and no object, as in Python. Throws std::runtime_error with what is wrong and the place.
Value unpack(std::string_view bytes);

/// As Python's msgpack packs it: the shortest form, doubles always as float64, strings as str and made valid UTF-8.
std::string pack(const Value& value);

}  // namespace katydid::protocol
