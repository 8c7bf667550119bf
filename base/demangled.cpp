#include "base/demangled.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace katydid {

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : symbol;
}

}  // namespace katydid
