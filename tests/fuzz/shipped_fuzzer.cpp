// Whatever a master's locustfile holds: it is refused, or its files stay in their folder and come back as they are.
#include "tests/fuzz/expect.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/shipped.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

using namespace katydid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto files = files_shipped_in({reinterpret_cast<const char*>(data), size});
    for (const ShippedFile& file : files) {
      const auto place = (std::filesystem::path("/folder") / file.name).lexically_normal().string();
      expect(place.starts_with("/folder/") && place.size() > 8, "a file stays in its folder");
      expect(file.text.size() <= size, "nothing comes from nowhere");
    }
    const auto again = files_shipped_in(shipped_as_comments(files));
    expect(again.size() == files.size(), "all files come back");
    for (std::size_t i = 0; i < files.size(); ++i)
      expect(again[i].name == files[i].name && again[i].text == files[i].text, "a file comes back as it is");
  } catch (const LocustfileError&) {
  }
  return 0;
}
