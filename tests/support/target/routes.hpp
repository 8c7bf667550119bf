#pragma once

#include "tests/support/target/exchange.hpp"

#include <span>
#include <string_view>

namespace katydid::target {

/// What is served at a path. docs/target.md describes them for people.
struct Route {
  std::string_view path;                    ///< the whole path, or its beginning when this ends with '/'
  Response (*answer)(Exchange&) = nullptr;  ///< makes the answer from the request's head; the body is discarded
  Task<> (*serve)(Exchange&) = nullptr;     ///< or: reads and writes by itself
  std::string_view usage = {};              ///< path with its parameters
  std::string_view summary = {};
  bool counted = true;
};

std::span<const Route> routes();

/// The route of a path, and what follows its beginning; null when there is none.
const Route* find_route(std::string_view path, std::string_view& argument);

/// The groups that routes() is made of.
std::span<const Route> plain_routes();
std::span<const Route> body_routes();
std::span<const Route> redirect_routes();
std::span<const Route> login_routes();
std::span<const Route> fault_routes();

}  // namespace katydid::target
