#pragma once

#include <string>

namespace katydid {

/// The name in C++ of a linker's symbol, or of a std::type_info; the symbol itself where it is none.
std::string demangled(const char* symbol);

}  // namespace katydid
