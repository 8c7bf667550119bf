#include "base/python_repr.hpp"

#include <doctest/doctest.h>

using namespace katydid;

// What repr() shows of valid text is tested with the keys of errors, which are made from it.
TEST_CASE("bytes that are not UTF-8 are kept, and what follows them is quoted as ever") {
  CHECK(python_repr("caf\xe9's") == "\"caf\xe9's\"");
  CHECK(python_repr("caf\xe9\t\xff\\") == "'caf\xe9\\t\xff\\\\'");
  CHECK(python_repr("cut \xe2\x82") == "'cut \xe2\x82'");
}
