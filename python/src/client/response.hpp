#pragma once

#include "http/response.hpp"

#include <nanobind/nanobind.h>

#include <string_view>

namespace katydid::python {

namespace nb = nanobind;

/// `Response`: an answer, whose parts become Python objects when somebody asks for them. Of a stream it gives what has
/// come of the body, and calls back when there is more: how a task waits for that is its loop's affair.
class ResponseObject final : BodyStream::Waiter {
 public:
  /// `keep` stays as long as the response: the client, where it records the response or reads its body.
  ResponseObject(Response response, nb::object keep) : keep_(std::move(keep)), response_(std::move(response)) {}

  const Response& response() const { return response_; }
  Response& response() { return response_; }
  nb::object body();
  /// Of a body that is there.
  nb::object body_lines();
  nb::object headers();
  nb::object header(nb::handle name) const;
  /// None where there are several of that name, too.
  nb::object sole_header(nb::handle name) const;
  nb::object reason() const;
  nb::object url() const;
  nb::object checksum() const;
  /// In seconds.
  double elapsed() const;
  nb::object phase_times() const;
  nb::object error() const;
  nb::object error_kind() const;
  /// Objects of the class that this is of.
  nb::list history();
  /// What the body is as JSON, for who has put it there. @{
  nb::object js() const;
  void set_js(nb::object value) { js_ = std::move(value); }
  /// @}

  /// Of a stream; of others these are as for one that has ended. @{
  bool is_stream() const { return response_.stream() != nullptr; }
  /// More may come.
  bool is_open() const { return is_stream() && response_.stream()->is_open(); }
  /// How many bytes have come and were not taken.
  std::size_t pending() const { return is_stream() ? response_.stream()->pending().size() : 0; }
  /// At most so many of them, or all for a negative number.
  nb::object take(nb::handle most);
  /// Where these bytes begin in what is pending, or -1.
  Py_ssize_t find(nb::handle bytes) const;
  /// All lines that are there, without their ends, by LF, CRLF and CR.
  nb::object take_lines();
  /// Its server-sent events that are there, of a class that is made of `ServerSentEvent`. Of what is no stream, all.
  nb::object take_events(nb::handle event_class);
  /// All lines that end with LF, as one text.
  nb::object take_text_lines();
  /// Calls back once, from the loop, when there is more or the end. Only while it is open.
  void wait(nb::handle callback);
  void stop_waiting();
  /// "" or why the body ended before its end, and the first word of that. @{
  nb::object stream_error() const;
  nb::object stream_error_kind() const;
  /// @}
  /// Closes the connection, unless all has come.
  void close();
  /// @}

 private:
  void on_more() override;

  nb::object keep_;
  Response response_;
  nb::object body_, headers_, waiting_, js_;
};

void bind_response(nb::module_& m);

}  // namespace katydid::python
