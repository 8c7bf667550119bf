#pragma once

#include "base/frame_check.hpp"
#include "base/frame_pool.hpp"
#include "http/response.hpp"
#include "net/context.hpp"
#include "python/src/client/client.hpp"
#include "python/src/engine/engine.hpp"

#include <nanobind/nanobind.h>

#include <coroutine>
#include <exception>
#include <new>
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

/// A request under way, which keeps itself and its client for as long as it is.
class Exchange : public Pending {
 public:
  Exchange(ClientObject& client, nb::object client_object)
      : client_(client), client_object_(std::move(client_object)) {}

  /// `self` is the Python object of this. While its client drains, it never starts.
  void start(nb::object self, std::string_view method, std::string_view url, Body body, const RequestOptions& options);
  /// Ends it at once, as cut off: it does not finish.
  void cancel() override;
  bool under_way() const { return static_cast<bool>(course_); }
  /// It waits for a connection that others use, and may be cancelled as if it had never been.
  bool waits() const;

 protected:
  /// `raised` is an exception that a listener has for who awaits the request, or nothing.
  virtual void finish(Response response, nb::object raised) = 0;
  ClientObject& client() const { return client_; }
  /// The response as an object of the client's class.
  nb::object object_of(Response response) const { return client_.make_response(std::move(response), client_object_); }
  /// Calls with one argument; what the callback raises goes to the engine.
  void call(nb::handle callback, nb::handle argument) const;

 private:
  Course run(nb::object self, std::string_view method, std::string_view url, Body body, const RequestOptions& options);

  ClientObject& client_;
  nb::object client_object_;
  Course course_;
  const PendingRequest<FastTransfer>* pending_ = nullptr;  // of course_
};

/// `Request`: calls back when it is done.
class RequestObject final : public Exchange {
 public:
  RequestObject(ClientObject& client, nb::object client_object, nb::object on_done)
      : Exchange(client, std::move(client_object)), on_done_(std::move(on_done)) {}
  void cancel() override;
  /// `on_done` takes the place of the callback; of no use when the request is done.
  void hand_over(nb::handle on_done) {
    if (under_way()) on_done_ = nb::borrow(on_done);
  }

 private:
  void finish(Response response, nb::object raised) override;

  nb::object on_done_;
};

void bind_request(nb::module_& m);

}  // namespace katydid::python
