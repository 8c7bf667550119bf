#pragma once

#include "http/content/codec.hpp"

#include <memory>

namespace katydid {

/// Whether the library for "br" was there when this was built.
bool has_brotli();

/// Its library has no way to begin anew, so that each body costs an allocation; null without the library.
std::unique_ptr<Codec> make_brotli();

}  // namespace katydid
