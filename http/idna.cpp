#include "http/idna.hpp"

#ifdef KATYDID_HAS_IDN2

#include "http/ascii.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace katydid {
namespace {

/// The mapping makes a slash of some letters ("\u2100" is "a/c"): such a name would end early in a URL.
bool may_be_in_host(char c) {
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
}

}  // namespace

AsciiHost ascii_host(std::string_view name) {
  char* found = nullptr;
  const int code = idn2_to_ascii_8z(std::string(name).c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(found, idn2_free);
  if (code != IDN2_OK) return {.name = {}, .error = idn2_strerror(code)};
  std::string ascii = found;
  if (name.find('\0') != name.npos || ascii.empty() || !std::ranges::all_of(ascii, may_be_in_host)) {
    return {.name = {}, .error = "it holds what a host's name may not"};
  }
  return {.name = std::move(ascii), .error = {}};
}

}  // namespace katydid

#else

namespace katydid {

AsciiHost ascii_host(std::string_view) {
  return {.name = {}, .error = "this katydid was built without libidn2, so it knows only names in ASCII"};
}

}  // namespace katydid

#endif
