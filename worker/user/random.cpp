#include "worker/user/random.hpp"

#include <random>
#include <utility>

namespace katydid {
namespace {

thread_local RandomSource* current = nullptr;

std::uint64_t seed_of_thread() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

RandomSource& random_source() {
  if (current) return *current;
  thread_local RandomSource own(seed_of_thread());
  return own;
}

RandomSource* RandomScope::exchange(RandomSource* source) { return std::exchange(current, source); }

std::uint64_t seed_of_user(std::uint64_t seed, int worker, std::string_view user_class, std::uint64_t number) {
  std::uint64_t mixed = RandomSource(seed)();
  const auto add = [&](std::uint64_t value) { mixed = RandomSource(mixed ^ value)(); };
  add(static_cast<std::uint64_t>(worker < 0 ? 0 : worker));
  for (const char each : user_class) add(static_cast<unsigned char>(each));
  add(number);
  return mixed;
}

}  // namespace katydid
