#pragma once

#include <nanobind/nanobind.h>

#include <optional>

namespace katydid::python {

namespace nb = nanobind;

/// `Items`: what `async for` gets of Response.iter_lines() and iter_events(). An item that is there costs its task no
/// coroutine, and no look at its loop; for more of the body it awaits the response's `_wait_for()`.
class Items {
 public:
  /// Lines, or events of that class.
  Items(nb::object response, nb::object event_class)
      : response_(std::move(response)), event_class_(std::move(event_class)) {}

  /// The next one; an invalid object at the end; nothing where more has to come before. Throws ResponseError for a
  /// body that has ended too early.
  std::optional<nb::object> next();
  /// What is awaited for more.
  nb::object more() const;
  /// There are no more for whoever reads them.
  void close();

  /// An awaitable that has given its item may give the next one, where nobody else has it. @{
  nb::object take_spare();
  void give_back(nb::handle awaitable) { spare_ = nb::borrow(awaitable); }
  /// @}

 private:
  bool take_batch();

  nb::object response_, event_class_;
  nb::object batch_;  // a list
  nb::object spare_;
  Py_ssize_t at_ = 0;
  bool ended_ = false;
};

void bind_items(nb::module_& m);

}  // namespace katydid::python
