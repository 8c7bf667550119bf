#pragma once

#include "http/body_source.hpp"
#include "net/loop.hpp"
#include "python/src/engine/engine.hpp"

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace katydid::python {

/// `PushedBody`: the body of a request whose pieces are handed over one by one, by a greenlet or a task that makes
/// them. It takes some in advance, and then says when there is room again.
class PushedBody final : public BodySource, Timer {
 public:
  PushedBody(EngineObject& engine, nb::object engine_object, std::optional<std::uint64_t> size)
      : Timer(&PushedBody::on_timer), engine_object_(std::move(engine_object)), engine_(engine), size_(size) {}
  ~PushedBody() override;

  std::optional<std::uint64_t> size() const override { return size_; }
  Next next() override;
  bool rewind() override { return !begun_; }
  void closed() override;

  /// Takes a copy; returns has_room(). A text is sent in UTF-8.
  bool push(nb::object piece);
  void end();
  /// Ends the request with that as its error.
  void fail(std::string why);
  bool has_room() const;
  /// The request wants no more of it.
  bool is_closed() const { return closed_; }
  /// The head was sent, and pieces have been asked for.
  bool is_begun() const { return begun_; }
  /// `callback` is called once when there is room, or nobody wants more. @{
  void wait(nb::object callback);
  void stop_waiting() { callback_.reset(); }
  /// @}

 private:
  static void on_timer(Timer& self);
  void tell_pusher();
  void pushed();

  nb::object engine_object_, callback_;
  EngineObject& engine_;
  std::optional<std::uint64_t> size_;
  std::deque<std::string> pieces_;
  std::string current_, failure_;
  std::size_t kept_ = 0;  // bytes of pieces_
  bool begun_ = false, ended_ = false, closed_ = false;
};

/// The one that Python has made, or null for another object.
std::shared_ptr<BodySource> pushed_body(nb::handle object);

void bind_pushed_body(nb::module_& m);

}  // namespace katydid::python
