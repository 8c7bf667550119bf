#pragma once

#include "python/src/client/request.hpp"
#include "python/src/gevent/asked.hpp"

#include <chrono>

namespace katydid::python {

/// `Exchange`: a request that a greenlet waits for, and then its answer. It has all that a session makes its response
/// of, when somebody looks.
class GreenExchange final : public Exchange {
 public:
  GreenExchange(ClientObject& client, nb::object client_object) : Exchange(client, std::move(client_object)) {}
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&session, &asked, &method, &name, &context, &previous, &waiting_, &callback_, &answer_})
      visitor(*part);
  }

  /// `self` is the Python object of this.
  void send(nb::object self);
  /// The greenlet waits in that hub; false with Python's exception set, when that was raised here.
  bool wait(nb::handle hub);
  /// Nobody waits any more: `callback` is called with this when it is done.
  void hand_over(nb::object callback);

  /// When it is done: the answer, as an object that stays the same.
  nb::object answer();
  /// The same for C++, before and after somebody has asked for that object.
  const Response& response() const;
  bool is_done() const { return done_; }
  int status() const { return status_; }
  /// Whether the answer leads somewhere else.
  bool is_redirect() const;
  std::size_t length() const { return length_; }
  std::chrono::nanoseconds elapsed() const { return elapsed_; }
  const Phases& phases() const { return phases_; }

  PyObject* session = nullptr;
  PyObject* asked = nullptr;
  PyObject* method = nullptr;  // as it was given
  PyObject* name = nullptr;
  PyObject* context = nullptr;   // or null
  PyObject* previous = nullptr;  // the one whose answer has led to this, or null
  std::chrono::steady_clock::time_point started;
  /// The one that the task has asked for, before all redirects.
  const GreenExchange& first() const;
  /// This goes on with it: what is counted is the whole, from where that began.
  void follow(nb::handle before);
  /// It counts from so long before it was sent.
  void was_due_before(std::chrono::nanoseconds late) {
    started -= late;
    late_ = late;
  }
  bool catches = false;
  bool streams = false;

 private:
  void finish(Response response, nb::object raised) override;

  PyObject* waiting_ = nullptr;   // a greenlet
  PyObject* callback_ = nullptr;  // or this
  PyObject* answer_ = nullptr;
  Response response_;
  int status_ = 0;
  std::size_t length_ = 0;
  std::chrono::nanoseconds late_{}, elapsed_{};
  Phases phases_;
  bool done_ = false;
};

void bind_exchange(nb::module_& m);

}  // namespace katydid::python
