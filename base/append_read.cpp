// The only file of C++23.
#include "base/append_read.hpp"

namespace katydid {

std::size_t append_read(std::string& to, std::size_t most, Source& source) {
  const std::size_t before = to.size();
#if defined(__cpp_lib_string_resize_and_overwrite)
  to.resize_and_overwrite(before + most,
                          [&](char* text, std::size_t) { return before + source.read(text + before, most); });
#else
  to.resize(before + most);
  to.resize(before + source.read(to.data() + before, most));
#endif
  return to.size() - before;
}

}  // namespace katydid
