#include "worker/process/words.hpp"

#include "base/bad_value.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace katydid;

using Strings = std::vector<std::string>;

TEST_CASE("words are split as by a shell") {
  CHECK(split_words("") == Strings{});
  CHECK(split_words("  -g   -O0\t-I. ") == Strings{"-g", "-O0", "-I."});
  CHECK(split_words(R"(-DA="x y" -DB='q"q' -I/a\ b '')") == Strings{"-DA=x y", "-DB=q\"q", "-I/a b", ""});
  CHECK_THROWS_AS(split_words("\"open"), BadValue);
}
