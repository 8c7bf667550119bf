#include "worker/quitting.hpp"

#include "worker/log/log.hpp"
#include "worker/shard_group.hpp"
#include "worker/user/environment.hpp"

#include <chrono>
#include <memory>
#include <ranges>
#include <utility>

namespace katydid {
namespace {
constexpr log::Logger logger{"katydid.worker"};
constexpr std::chrono::seconds limit{3};
}  // namespace

void Quitting::begin(std::function<void()> then) {
  const auto& listeners = Hooks::registered().quitting;
  if (listeners.empty() || std::exchange(begun_, true)) return then();
  call(
      [&listeners] {
        for (const auto& listener : std::views::reverse(listeners)) {
          call_guarded("quitting", [&] { listener(environment()); });
        }
      },
      std::move(then));
}

void Quitting::end(int exit_code, std::function<void()> then) {
  begin([this, exit_code, then = std::move(then)]() mutable {
    const int code = environment().process_exit_code().value_or(exit_code);
    const auto& listeners = Hooks::registered().quit;
    if (listeners.empty()) return then();
    call([&listeners, code] { call_each("quit", listeners, code); }, std::move(then));
  });
}

void Quitting::call(const std::function<void()>& listeners, std::function<void()> then) {
  auto once = std::make_shared<std::function<void()>>(std::move(then));
  const auto go_on = [this, once] {
    if (!*once) return;
    timer_->cancel();
    std::exchange(*once, nullptr)();
  };
  timer_->start(limit, [go_on] {
    logger.warning("the listeners of quitting or quit take too long: the process ends without them");
    go_on();
  });
  shards_.run_hook("quitting", listeners, go_on);
}

}  // namespace katydid
