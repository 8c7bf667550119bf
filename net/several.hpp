#pragma once

#include "net/join.hpp"

#include <array>
#include <coroutine>
#include <cstddef>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace katydid {

/// Several things at once, within one task of a user:
///
///     auto [page, style] = co_await all(client.get("/"), client.get("/style.css"));
///     auto answer = co_await any(client.get("/slow"), sleep(1s));
///
/// What they take is whatever a task may await: a task<T>, a request, a sleep, a read of a stream. They start in the
/// order in which they stand there, when all() or any() is awaited, on the thread of the user, and nothing runs in
/// parallel but the waiting. Connections are the client's: as many as there are requests at once.
///
/// When one throws (StopUser and RescheduleTask, too), the others are cancelled, and only then does the exception reach
/// whoever awaits: as with asyncio's TaskGroup, and unlike its gather(), nothing goes on behind its back. What the
/// others throw by then is dropped. Whatever is cancelled is destroyed, as all of a user's coroutines are when it
/// stops: a request that was sent and not yet answered is cut off, so it is not counted, and the log lists it.
/// A user that is stopped gets to receive all of its requests, as it would with one.

/// What `any()` of a container gives: which one ended first, and its result; `auto [index, answer] = …`.
template <class T>
struct FirstOf {
  std::size_t index;
  T result;
};

namespace detail {

template <class T>
struct Keep {
  std::optional<Something<T>>* slot;
  template <class... Result>
  void operator()(Result&&... result) const {
    slot->emplace(std::forward<Result>(result)...);
  }
};

template <class... Awaitable>
class Several {
 public:
  Several(const Several&) = delete;
  Several& operator=(const Several&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> waiting) {
    return join_.start(children_.data(), children_.size(), waiting, *waiting.promise().context);
  }

 protected:
  using Places = std::index_sequence_for<Awaitable...>;

  Several(std::size_t needed, Awaitable&&... awaitables) : Several(needed, Places(), std::move(awaitables)...) {}
  ~Several() = default;

  Join join_;
  std::tuple<std::optional<Something<Awaited<Awaitable>>>...> results_;

 private:
  template <std::size_t... I>
  Several(std::size_t needed, std::index_sequence<I...>, Awaitable&&... awaitables)
      : join_(needed),
        children_{run_child<Awaitable>(std::move(awaitables), Keep<Awaited<Awaitable>>{&std::get<I>(results_)},
                                       join_.parent(), I)...} {}

  std::array<task<>, sizeof...(Awaitable)> children_;  // the last member: they refer to the others
};

template <class... Awaitable>
class [[nodiscard("co_await is missing")]] All final : public Several<Awaitable...> {
 public:
  explicit All(Awaitable&&... awaitables) : Several<Awaitable...>(sizeof...(Awaitable), std::move(awaitables)...) {}

  auto await_resume() {
    this->join_.rethrow();
    if constexpr (!(std::is_void_v<Awaited<Awaitable>> && ...)) {
      return std::apply(
          [](auto&... result) { return std::tuple<Something<Awaited<Awaitable>>...>(std::move(*result)...); },
          this->results_);
    }
  }
};

template <class... Awaitable>
class [[nodiscard("co_await is missing")]] Any final : public Several<Awaitable...> {
 public:
  using Result = std::variant<Something<Awaited<Awaitable>>...>;

  explicit Any(Awaitable&&... awaitables) : Several<Awaitable...>(1, std::move(awaitables)...) {}

  Result await_resume() {
    this->join_.rethrow();
    return take<0>();
  }

 private:
  template <std::size_t I>
  Result take() {
    if constexpr (I + 1 < sizeof...(Awaitable)) {
      if (this->join_.first() != I) return take<I + 1>();
    }
    return Result(std::in_place_index<I>, std::move(*std::get<I>(this->results_)));
  }
};

/// Of any number of one kind.
template <class Awaitable>
class SeveralOf {
 public:
  using Result = Awaited<Awaitable>;

  SeveralOf(const SeveralOf&) = delete;
  SeveralOf& operator=(const SeveralOf&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> waiting) {
    return join_.start(children_.data(), children_.size(), waiting, *waiting.promise().context);
  }

 protected:
  template <class Range>
  SeveralOf(std::size_t needed, Range& awaitables) : join_(needed), results_(std::size(awaitables)) {
    children_.reserve(results_.size());
    for (auto& each : awaitables) {
      const std::size_t place = children_.size();
      children_.push_back(run_child<Awaitable>(std::move(each), Keep<Result>{&results_[place]}, join_.parent(), place));
    }
  }
  ~SeveralOf() = default;

  Join join_;
  std::vector<std::optional<Something<Result>>> results_;

 private:
  std::vector<task<>> children_;
};

template <class Awaitable>
class [[nodiscard("co_await is missing")]] AllOf final : public SeveralOf<Awaitable> {
 public:
  using typename SeveralOf<Awaitable>::Result;

  template <class Range>
  explicit AllOf(Range& awaitables) : SeveralOf<Awaitable>(std::size(awaitables), awaitables) {}

  auto await_resume() {
    this->join_.rethrow();
    if constexpr (!std::is_void_v<Result>) {
      std::vector<Result> results;
      results.reserve(this->results_.size());
      for (auto& each : this->results_) results.push_back(std::move(*each));
      return results;
    }
  }
};

template <class Awaitable>
class [[nodiscard("co_await is missing")]] AnyOf final : public SeveralOf<Awaitable> {
 public:
  template <class Range>
  explicit AnyOf(Range& awaitables) : SeveralOf<Awaitable>(1, awaitables) {}

  FirstOf<Something<Awaited<Awaitable>>> await_resume() {
    this->join_.rethrow();
    const std::size_t first = this->join_.first();
    return {first, std::move(*this->results_[first])};
  }
};

template <class T>
concept Container = requires(T& each) {
  std::begin(each);
  std::size(each);
};

}  // namespace detail

/// Waits for all of them: a tuple of their results, std::monostate where there is none; nothing when no one has any.
template <class... Awaitable>
  requires(sizeof...(Awaitable) > 0 && !(detail::Container<Awaitable> || ...))
detail::All<std::remove_cvref_t<Awaitable>...> all(Awaitable&&... awaitables) {
  static_assert((!std::is_lvalue_reference_v<Awaitable> && ...),
                "all() takes over what it waits for: all(std::move(mine), client.get(\"/\"))");
  return detail::All<std::remove_cvref_t<Awaitable>...>(std::move(awaitables)...);
}

/// The same for any number, `co_await all(std::move(requests))`: a vector of their results, in order.
template <detail::Container Range>
auto all(Range&& awaitables) {
  static_assert(!std::is_lvalue_reference_v<Range>, "all() takes over what it waits for: all(std::move(requests))");
  return detail::AllOf<std::remove_cvref_t<decltype(*std::begin(awaitables))>>(awaitables);
}

/// Waits for the first that ends, and cancels the others: a variant whose index() says which one it was. Where one ends
/// without waiting, those that stand behind it are not started.
template <class... Awaitable>
  requires(sizeof...(Awaitable) > 0 && !(detail::Container<Awaitable> || ...))
detail::Any<std::remove_cvref_t<Awaitable>...> any(Awaitable&&... awaitables) {
  static_assert((!std::is_lvalue_reference_v<Awaitable> && ...),
                "any() takes over what it waits for: any(std::move(mine), sleep(1s))");
  return detail::Any<std::remove_cvref_t<Awaitable>...>(std::move(awaitables)...);
}

/// The same for any number, `co_await any(std::move(requests))`: a FirstOf. Throws std::invalid_argument for none.
template <detail::Container Range>
auto any(Range&& awaitables) {
  static_assert(!std::is_lvalue_reference_v<Range>, "any() takes over what it waits for: any(std::move(requests))");
  if (std::size(awaitables) == 0) throw std::invalid_argument("any() of nothing would never end");
  return detail::AnyOf<std::remove_cvref_t<decltype(*std::begin(awaitables))>>(awaitables);
}

}  // namespace katydid
