#include "tests/support/target/shared.hpp"

#include "tests/support/target/text.hpp"

#include <openssl/rand.h>

#include <cmath>
#include <stdexcept>

namespace katydid::target {

bool FailureSchedule::next_fails(std::string_view name, double rate) {
  const std::lock_guard lock(mutex_);
  auto found = requests_.find(name);
  if (found == requests_.end()) {
    if (requests_.size() >= most_series) throw BadRequest("too many different targets of /fail; POST /counts/reset");
    found = requests_.emplace(name, 0).first;
  }
  const auto before = static_cast<double>(found->second++);
  // The small addition makes up for rates that binary fractions can't hold: 10 * 0.1 has to reach 1.
  const auto due = [rate](double requests) { return std::floor(requests * rate + 1e-9); };
  return due(before + 1) > due(before);
}

void FailureSchedule::reset() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

Shared::Shared() {
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes for the target's digest nonces");
  }
  nonce_secret.assign(random.begin(), random.end());
}

}  // namespace katydid::target
