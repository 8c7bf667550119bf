#pragma once

#include "net/reactor/reactor.hpp"

#include <memory>

namespace katydid {

/// Asio's descriptors: kqueue on macOS and BSD. On Linux it is there to be measured against; each readiness costs an
/// epoll_ctl and a handler, which is why epoll is used without it (docs/notebook/libcurl.md).
/// No descriptor() to host it by.
std::unique_ptr<Reactor> make_asio_reactor();

}  // namespace katydid
