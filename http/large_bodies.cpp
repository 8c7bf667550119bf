#include "http/large_bodies.hpp"

#include "base/pooling.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <new>
#include <utility>
#include <vector>

namespace katydid {
namespace {

constexpr std::size_t largest_reserve = 1 << 20;
// What is larger is rare.
constexpr std::size_t smallest_kept = large_body, largest_kept = 8 << 20;
constexpr std::size_t most_kept = 16 << 20;
// Of what is wanted, so that a large memory is not spent on a small body.
constexpr std::size_t most_waste = 4;

/// For answers that outlive what their thread keeps.
thread_local bool ended = false;

/// The memory that nobody uses, what was used last at the end: the processor's caches may have it still.
struct Kept {
  std::vector<std::string> strings;
  std::size_t bytes = 0;

  ~Kept() { ended = true; }

  bool take(std::string& body, std::size_t size) {
    const auto fits = [size](const std::string& kept) {
      return kept.capacity() >= size && kept.capacity() <= size * most_waste;
    };
    const auto found = std::find_if(strings.rbegin(), strings.rend(), fits);
    if (found == strings.rend()) return false;
    bytes -= found->capacity();
    body.swap(*found);
    strings.erase(std::next(found).base());
    return true;
  }
};

thread_local Kept kept;

}  // namespace

void reserve_body(std::string& body, std::uint64_t size) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, largest_reserve));
  if (wanted <= body.capacity() || (wanted >= smallest_kept && !ended && kept.take(body, wanted))) return;
  body.reserve(wanted);
}

std::string copy_of_body(std::string_view text) {
  std::string body;
  if (text.size() < smallest_kept || ended || !kept.take(body, text.size())) body.reserve(text.size());
  body.append(text);
  return body;
}

std::shared_ptr<const std::string> share_body(std::string&& body) {
  struct Shared {
    explicit Shared(std::string&& t) : text(std::move(t)) {}
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { recycle_body(text); }
    std::string text;
  };
  const auto shared = std::make_shared<Shared>(std::move(body));
  return {shared, &shared->text};
}

void recycle_body(std::string& body) noexcept {
  const std::size_t capacity = body.capacity();
  if (pools_memory && !ended && capacity >= smallest_kept && capacity <= largest_kept &&
      kept.bytes + capacity <= most_kept) {
    try {
      body.clear();
      kept.strings.push_back(std::move(body));
      kept.bytes += capacity;
    } catch (const std::bad_alloc&) {  // then it is given back
    }
  }
  std::string().swap(body);
}

}  // namespace katydid
