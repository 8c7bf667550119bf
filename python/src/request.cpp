#include "python/src/request.hpp"

#include "http/fast_transfer.hpp"
#include "python/src/arguments.hpp"
#include "python/src/response.hpp"

#include <new>

namespace katydid::python {

void RequestObject::start(nb::object self, std::string_view method, std::string_view url, RequestArguments& arguments) {
  course_ = run(std::move(self), method, url, arguments);
  course_.start(client_.context());
  client_.engine().begun(*this);
}

// `self` stays in the coroutine's frame, and so for as long as the request is under way.
Course RequestObject::run([[maybe_unused]] nb::object self, std::string_view method, std::string_view url,
                          RequestArguments& arguments) {
  Response response;
  {
    auto pending = client_.http().start(method, url, arguments.body(), arguments.options());
    response = co_await pending;
  }
  course_.let_go();
  leave();
  finish(std::move(response));
}

void RequestObject::finish(Response response) {
  const nb::object callback = std::exchange(on_done_, {});
  const bool judged_later = !response.is_recorded();
  const nb::object client = std::exchange(client_object_, {});
  nb::object answer =
      nb::cast(ResponseObject(std::move(response), judged_later ? client : nb::object()), nb::rv_policy::move);
  PyObject* arguments[] = {nullptr, answer.ptr()};
  PyObject* result = PyObject_Vectorcall(callback.ptr(), arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  if (result) {
    Py_DECREF(result);
  } else {
    client_.engine().take_error(callback.ptr());
  }
}

void RequestObject::cancel() {
  if (!course_) return;
  leave();
  const nb::object callback = std::exchange(on_done_, {});
  const nb::object client = std::exchange(client_object_, {});
  course_.destroy();  // and with it, perhaps, the last reference to this
}

nb::object make_request(ClientObject& client, nb::object client_object, nb::object on_done) {
  nb::object self = nb::inst_alloc(nb::type<RequestObject>());
  new (nb::inst_ptr<RequestObject>(self)) RequestObject(client, std::move(client_object), std::move(on_done));
  nb::inst_mark_ready(self);
  return self;
}

void bind_request(nb::module_& m) {
  nb::class_<RequestObject>(m, "Request")
      .def("cancel", &RequestObject::cancel)
      .def("hand_over", &RequestObject::hand_over, nb::arg("on_done"))
      .def_prop_ro("under_way", &RequestObject::under_way);
}

}  // namespace katydid::python
