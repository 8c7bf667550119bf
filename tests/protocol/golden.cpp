#include "tests/protocol/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace katydid::testing {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<Golden> golden_frames(std::string_view direction) {
  std::vector<Golden> frames;
  for (const auto& file : std::filesystem::recursive_directory_iterator(KATYDID_GOLDEN)) {
    if (file.path().extension() != ".msgpack") continue;
    const std::string stem = file.path().stem().string();  // direction-type-number
    const std::size_t first = stem.find('-');
    const std::size_t last = stem.rfind('-');
    Golden golden;
    golden.version = file.path().parent_path().filename().string();
    golden.name = golden.version + '/' + stem;
    golden.direction = stem.substr(0, first);
    golden.type = stem.substr(first + 1, last - first - 1);
    golden.frame = read(file.path());
    if (golden.direction == direction) frames.push_back(std::move(golden));
  }
  std::ranges::sort(frames, {}, &Golden::name);
  for (const std::string_view version : {"2.20.1", "2.32.10", "2.40.5", "2.47.0"}) {
    REQUIRE(std::ranges::count(frames, version, &Golden::version) >= 15);
  }
  return frames;
}

}  // namespace katydid::testing
