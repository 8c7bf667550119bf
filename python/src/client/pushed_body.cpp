#include "python/src/client/pushed_body.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/client/pulled_body.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

/// Bytes that are kept.
constexpr std::size_t enough = 64 * 1024;

}  // namespace

PushedBody::~PushedBody() {
  if (armed()) engine_.loop().disarm(*this);
}

BodySource::Next PushedBody::next() {
  begun_ = true;
  if (!failure_.empty()) throw std::runtime_error(failure_);
  if (pieces_.empty()) return {ended_ ? State::end : State::later};
  current_ = std::move(pieces_.front());
  pieces_.pop_front();
  kept_ -= current_.size();
  tell_pusher();
  return {State::piece, current_};
}

void PushedBody::closed() {
  closed_ = true;
  pieces_.clear();
  tell_pusher();
}

bool PushedBody::push(nb::object piece) {
  if (ended_) throw std::logic_error("the body has ended");
  const nb::object bytes = piece_of_body(std::move(piece));
  if (closed_) return true;
  pieces_.emplace_back(text_of(bytes, "a piece of a body"));
  kept_ += pieces_.back().size();
  pushed();
  return has_room();
}

void PushedBody::end() {
  ended_ = true;
  pushed();
}

void PushedBody::fail(std::string why) {
  failure_ = std::move(why);
  pushed();
}

void PushedBody::pushed() {
  tell_sender();
  engine_.went_on();
}

bool PushedBody::has_room() const { return closed_ || kept_ < enough; }

void PushedBody::wait(nb::object callback) {
  callback_ = std::move(callback);
  if (has_room()) tell_pusher();
}

/// In the loop's next turn, when nothing of the engine's is under way.
void PushedBody::tell_pusher() {
  if (callback_.is_valid() && has_room() && !armed()) engine_.loop().arm(*this, engine_.loop().now());
}

void PushedBody::on_timer(Timer& self) {
  auto& body = static_cast<PushedBody&>(self);
  const nb::object callback = std::exchange(body.callback_, {});
  if (!callback.is_valid()) return;
  EngineObject& engine = body.engine_;
  const nb::object keep = body.engine_object_;
  if (!nb::steal(PyObject_CallNoArgs(callback.ptr())).is_valid()) engine.take_error(callback.ptr());
}

std::shared_ptr<BodySource> pushed_body(nb::handle object) {
  if (!nb::isinstance<PushedBody>(object)) return nullptr;
  return nb::cast<std::shared_ptr<PushedBody>>(object);
}

void bind_pushed_body(nb::module_& m) {
  nb::class_<PushedBody>(m, "PushedBody")
      .def(
          "__init__",
          [](PushedBody* self, nb::object engine, std::optional<std::uint64_t> size) {
            auto& native = nb::cast<EngineObject&>(engine);
            new (self) PushedBody(native, std::move(engine), size);
          },
          nb::arg("engine"), nb::arg("size").none() = nb::none())
      .def("push", &PushedBody::push, nb::arg("piece"))
      .def("end", &PushedBody::end)
      .def("fail", &PushedBody::fail, nb::arg("why"))
      .def("wait", &PushedBody::wait, nb::arg("callback"))
      .def("stop_waiting", &PushedBody::stop_waiting)
      .def_prop_ro("has_room", &PushedBody::has_room)
      .def_prop_ro("is_closed", &PushedBody::is_closed)
      .def_prop_ro("is_begun", &PushedBody::is_begun);
}

}  // namespace katydid::python
