#pragma once

#include "tests/support/target/text.hpp"

#include <span>
#include <string>
#include <string_view>

namespace katydid::target {

/// An answer that breaks the rules of HTTP.
struct Malformed {
  std::string_view kind;
  std::string_view summary;
  std::string_view bytes;                           ///< what is sent
  std::string (*generate)(const Query&) = nullptr;  ///< or what makes it
  bool keeps = false;  ///< the connection stays open, so that a client that takes the answer uses it again
  bool early = false;  ///< answers before it has read the request's body
  int status = 200;    ///< what it is counted with
};

std::span<const Malformed> malformed_kinds();

}  // namespace katydid::target
