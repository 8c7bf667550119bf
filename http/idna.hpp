#pragma once

#include <string>
#include <string_view>

namespace katydid {

/// A host's name as it is sent and looked up.
struct AsciiHost {
  std::string name;   ///< "xn--bcher-kva.example"; "" where there is none
  std::string error;  ///< why there is none
};

/// Of a name in UTF-8, by IDNA 2008 with the mapping of UTS 46, as requests and curl do it. Without libidn2 there is
/// none, and the error says so.
AsciiHost ascii_host(std::string_view name);

}  // namespace katydid
