#include "tests/support/target/routes.hpp"

#include <vector>

namespace katydid::target {

std::span<const Route> routes() {
  static const auto all = [] {
    std::vector<Route> list;
    for (const auto group : {plain_routes(), body_routes(), redirect_routes(), login_routes(), fault_routes()}) {
      list.insert(list.end(), group.begin(), group.end());
    }
    return list;
  }();
  return all;
}

const Route* find_route(std::string_view path, std::string_view& argument) {
  for (const auto& route : routes()) {
    const bool prefix = route.path.size() > 1 && route.path.ends_with('/');
    if (prefix ? path.starts_with(route.path) : path == route.path) {
      argument = path.substr(route.path.size());
      return &route;
    }
  }
  return nullptr;
}

}  // namespace katydid::target
