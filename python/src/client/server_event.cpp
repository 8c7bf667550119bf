#include "python/src/client/server_event.hpp"

#include "python/src/cpython/plain_type.hpp"
#include "python/src/cpython/text.hpp"

#include <utility>

namespace katydid::python {
namespace {

/// `ServerSentEvent`.
class ServerEventObject {
 public:
  explicit ServerEventObject(const ServerSentEvent& event)
      : type_(type_of(event.type)), data_(utf8_text(event.data)), id_(utf8_text(event.id)) {
    if (event.retry) retry_ = checked(PyLong_FromLongLong(event.retry->count()));
  }

  const nb::object& type() const { return type_; }
  const nb::object& data() const { return data_; }
  const nb::object& id() const { return id_; }
  nb::object retry() const { return retry_.is_valid() ? retry_ : nb::none(); }

 private:
  static nb::object type_of(std::string_view type) {
    static PyObject* const usual = interned("message");
    return type == "message" ? nb::borrow(usual) : utf8_text(type);
  }

  nb::object type_, data_, id_, retry_;
};

PyGetSetDef attributes[] = {property<ServerEventObject, &ServerEventObject::type>("type"),
                            property<ServerEventObject, &ServerEventObject::data>("data"),
                            property<ServerEventObject, &ServerEventObject::id>("id"),
                            property<ServerEventObject, &ServerEventObject::retry>("retry"),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

nb::object checked_event_class(nb::object event_class) {
  if (!PyType_Check(event_class.ptr()) ||
      !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(event_class.ptr()), plain_type<ServerEventObject>))
    throw nb::type_error("a class of events is derived from ServerSentEvent");
  return event_class;
}

nb::object make_event(nb::handle event_class, const ServerSentEvent& event) {
  return make_plain_as<ServerEventObject>(reinterpret_cast<PyTypeObject*>(event_class.ptr()), event);
}

void bind_server_event(nb::module_& m) {
  add_type<ServerEventObject>(m, "ServerSentEvent", Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              {{Py_tp_getset, attributes}});
}

}  // namespace katydid::python
