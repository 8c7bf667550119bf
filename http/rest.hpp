#pragma once

#include "http/request.hpp"
#include "http/response.hpp"

#include <coroutine>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace katydid {

/// What `rest()` gives, Locust's RestMixin: an answer in JSON, which the task judges. A body that is none, and an
/// exception that leaves the block in which it stands, make the request a failure.
class RestResponse : public Response {
 public:
  explicit RestResponse(Response response);
  RestResponse(RestResponse&&) noexcept = default;
  RestResponse& operator=(RestResponse&&) noexcept = default;
  ~RestResponse();

  /// The body as JSON; null where there is none, or where it is no JSON.
  const Value& js() const { return js_; }
  /// Unless `holds`, the request is a failure for that reason, as by an `assert` in Locust's `with` block. A reason
  /// that ends in a comma is followed by the beginning of the body. Returns `holds`.
  bool check(bool holds, std::string_view reason = "Assertion failed");

 private:
  Value js_;
  int exceptions_ = std::uncaught_exceptions();
};

/// Accept for JSON, and Content-Type where the body has none, unless `headers` have them.
class RestHeaders {
 public:
  RestHeaders(const Fields& headers, const Body& body);
  Fields fields() const { return Fields(std::span<const Field>(all_)); }

 private:
  std::vector<Field> all_;
};

/// What a client's rest() returns, to be awaited at once. `Pending` is what its request() returns.
template <class Pending>
class [[nodiscard("co_await is missing")]] PendingRest {
 public:
  template <class Start>
  explicit PendingRest(Start start) : request_(start()) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    request_.await_suspend(waiting);
  }
  RestResponse await_resume() { return RestResponse(request_.await_resume()); }

 private:
  Pending request_;
};

template <class Start>
PendingRest(Start) -> PendingRest<std::invoke_result_t<Start>>;

/// `url` with a parameter `_` that tells the time in milliseconds, for caches.
std::string with_time(std::string_view url);

}  // namespace katydid
