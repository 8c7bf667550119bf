#pragma once

#include "worker/user/hooks.hpp"

#include <functional>
#include <string_view>

namespace katydid {

/// On a shard's thread. What it throws is logged.
void call_guarded(std::string_view what, const std::function<void()>& hook);

/// Calls the listeners of an event. What one of them throws is logged, and the others are called, as Locust does it.
template <class... Parameters, class... Arguments>
void call_each(std::string_view what, const Hooks::Listeners<Parameters...>& listeners, Arguments&&... arguments) {
  for (const auto& listener : listeners) call_guarded(what, [&] { listener(arguments...); });
}

}  // namespace katydid
