#pragma once

#include "base/frame_check.hpp"
#include "base/frame_pool.hpp"
#include "http/context.hpp"
#include "http/response.hpp"
#include "python/src/client.hpp"
#include "python/src/engine.hpp"

#include <nanobind/nanobind.h>

#include <coroutine>
#include <exception>
#include <utility>

namespace katydid::python {

/// The coroutine of one request: it belongs to nobody and goes when it is done, or when it is destroyed before that,
/// which cuts the request off.
class Course {
 public:
  struct promise_type {
    Context* context = nullptr;

    static void* operator new(std::size_t size) { return detail::note_frame(FramePool::allocate(size), size); }
    static void operator delete(void* frame, std::size_t size) noexcept { FramePool::release(frame, size); }
    Course get_return_object() noexcept {
      const auto frame = std::coroutine_handle<promise_type>::from_promise(*this);
      detail::check_frame(frame);
      return Course(frame);
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };

  Course() = default;
  void start(Context& context) {
    frame_.promise().context = &context;
    frame_.resume();
  }
  /// It runs, and will end by itself.
  void let_go() { frame_ = nullptr; }
  void destroy() { std::exchange(frame_, nullptr).destroy(); }
  explicit operator bool() const { return frame_ != nullptr; }

 private:
  explicit Course(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_ = nullptr;
};

/// `Request`: a request under way. While it is, it keeps itself, its client and its callback.
class RequestObject final : public Pending {
 public:
  RequestObject(ClientObject& client, nb::object client_object, nb::object on_done)
      : client_(client), client_object_(std::move(client_object)), on_done_(std::move(on_done)) {}

  /// `self` is the Python object of this.
  void start(nb::object self, std::string_view method, std::string_view url, RequestArguments& arguments);
  void cancel() override;
  /// `on_done` takes the place of the callback; of no use when the request is done.
  void hand_over(nb::object on_done) {
    if (course_) on_done_ = std::move(on_done);
  }
  bool under_way() const { return static_cast<bool>(course_); }

 private:
  Course run(nb::object self, std::string_view method, std::string_view url, RequestArguments& arguments);
  void finish(Response response);

  ClientObject& client_;
  nb::object client_object_, on_done_;
  Course course_;
};

void bind_request(nb::module_& m);
/// A Python object of it.
nb::object make_request(ClientObject& client, nb::object client_object, nb::object on_done);

}  // namespace katydid::python
