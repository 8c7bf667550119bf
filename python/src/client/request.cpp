#include "python/src/client/request.hpp"

#include "http/fast/transfer.hpp"
#include "python/src/cpython/plain_type.hpp"

namespace katydid::python {

void Exchange::start(nb::object self, std::string_view method, std::string_view url, Body body,
                     const RequestOptions& options) {
  if (client_.draining()) return;
  course_ = run(std::move(self), method, url, std::move(body), options);
  client_.context().thrown = nullptr;  // that nobody has taken
  course_.start(client_.context());
  client_.engine().begun(*this);
}

// `self` stays in the coroutine's frame, and so for as long as the request is under way.
Course Exchange::run([[maybe_unused]] nb::object self, std::string_view method, std::string_view url, Body body,
                     const RequestOptions& options) {
  Response response;
  nb::object raised;
  {
    auto pending = client_.http().start(method, url, std::move(body), options);
    pending_ = &pending;
    try {
      response = co_await pending;
    } catch (const Steering& steering) {
      raised = steering.exception;
      response = pending.await_resume();
    }
  }
  course_.let_go();
  leave();
  finish(std::move(response), std::move(raised));
  if (client_.draining()) client_.tell_drained();  // only now: who judges the answer has had it
}

bool Exchange::waits() const { return under_way() && pending_->waits_for_connection(); }

void Exchange::cancel() {
  if (!course_) return;
  EngineObject& engine = client_.engine();
  const nb::object keep = client_.engine_object();
  leave();
  course_.destroy();  // and with it, perhaps, the last reference to this
  engine.ended();
}

void Exchange::call(nb::handle callback, nb::handle argument) const {
  PyObject* arguments[] = {nullptr, argument.ptr()};
  PyObject* result = PyObject_Vectorcall(callback.ptr(), arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  if (result) {
    Py_DECREF(result);
  } else {
    client_.engine().take_error(callback.ptr());
  }
}

/// Who is called back is no task of a user's, and gets nothing raised.
void RequestObject::finish(Response response, nb::object) {
  const nb::object callback = std::exchange(on_done_, {});
  call(callback, object_of(std::move(response)));
}

void RequestObject::cancel() {
  const nb::object callback = std::exchange(on_done_, {});
  Exchange::cancel();
}

namespace {

PyMethodDef methods[] = {method<RequestObject, &RequestObject::cancel>("cancel"),
                         method_of_one<RequestObject, &RequestObject::hand_over>("hand_over"),
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {property<RequestObject, &RequestObject::under_way>("under_way"),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

void bind_request(nb::module_& m) {
  add_type<RequestObject>(m, "Request", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                          {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
