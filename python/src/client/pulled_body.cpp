#include "python/src/client/pulled_body.hpp"

#include "python/src/client/arguments.hpp"
#include "python/src/cpython/api.hpp"
#include "python/src/cpython/text.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace katydid::python {
namespace {

constexpr int piece_size = 64 * 1024;

bool has(nb::handle object, const char* name) { return PyObject_HasAttrString(object.ptr(), name) == 1; }

/// "ValueError('no more')", of an exception of the user's.
std::string text_of_error(const nb::python_error& error) {
  const nb::object text = nb::steal(PyObject_Repr(error.value().ptr()));
  if (const auto view = utf8_of(text)) return std::string(*view);
  PyErr_Clear();
  return nb::type_name(error.type()).c_str();
}

class PulledBody : public BodySource {
 public:
  Next next() override {
    try {
      begun_ = true;
      piece_ = pull();
      if (!piece_.is_valid()) return {State::end};
      piece_ = piece_of_body(std::move(piece_));
      return {State::piece, text_of(piece_, "a piece of a body")};
    } catch (const nb::python_error& error) {
      throw std::runtime_error(text_of_error(error));
    }
  }

 protected:
  /// Invalid at the end.
  virtual nb::object pull() = 0;
  bool begun() const { return begun_; }

 private:
  nb::object piece_;  // is viewed
  bool begun_ = false;
};

class IteratedBody final : public PulledBody {
 public:
  explicit IteratedBody(nb::object iterator) : iterator_(std::move(iterator)) {}
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  bool rewind() override { return !begun(); }

 private:
  nb::object pull() override {
    nb::object piece = nb::steal(PyIter_Next(iterator_.ptr()));
    if (!piece.is_valid() && PyErr_Occurred()) throw nb::python_error();
    return piece;
  }

  nb::object iterator_;
};

class ReadBody final : public PulledBody {
 public:
  explicit ReadBody(nb::handle file) : read_(file.attr("read")) {
    if (!has(file, "seekable") || !truth(file.attr("seekable")())) return;
    seek_ = file.attr("seek");
    start_ = file.attr("tell")();
    if (!has(file, "encoding")) size_ = size_of_rest(file);
  }
  std::optional<std::uint64_t> size() const override { return size_; }

  bool rewind() override {
    if (!begun()) return true;
    if (!seek_.is_valid()) return false;
    const nb::object result = nb::steal(PyObject_CallOneArg(seek_.ptr(), start_.ptr()));
    if (!result.is_valid()) PyErr_Clear();
    return result.is_valid();
  }

 private:
  nb::object pull() override {
    nb::object piece = read_(piece_size);
    if (!truth(piece)) return {};
    return piece;
  }

  std::uint64_t size_of_rest(nb::handle file) const {
    seek_(0, 2);
    const auto end = nb::cast<std::int64_t>(file.attr("tell")()), start = nb::cast<std::int64_t>(start_);
    seek_(start_);
    return end > start ? static_cast<std::uint64_t>(end - start) : 0;
  }

  nb::object read_, seek_, start_;
  std::optional<std::uint64_t> size_;
};

}  // namespace

std::shared_ptr<BodySource> pulled_body(nb::handle object) {
  if (has(object, "read")) return std::make_shared<ReadBody>(object);
  nb::object iterator = nb::steal(PyObject_GetIter(object.ptr()));
  if (iterator.is_valid()) return std::make_shared<IteratedBody>(std::move(iterator));
  PyErr_Clear();
  return nullptr;
}

nb::object piece_of_body(nb::object object) {
  if (PyUnicode_Check(object.ptr()) || !PyObject_CheckBuffer(object.ptr())) return object;
  return PyBytes_CheckExact(object.ptr()) ? object : checked(PyBytes_FromObject(object.ptr()));
}

bool is_async_iterable(nb::handle object) { return has(object, "__aiter__"); }

}  // namespace katydid::python
