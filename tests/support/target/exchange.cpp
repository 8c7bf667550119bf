#include "tests/support/target/exchange.hpp"

#include "tests/support/target/connection.hpp"

#include <charconv>

namespace katydid::target {
namespace {

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

Exchange::Exchange(Connection& connection, const Request& its_request, bool counted)
    : request(its_request), connection_(connection), body_(connection.input_, its_request), counted_(counted) {
  if (counted_) ticket_ = connection_.counters_.start(request.key);
}

Exchange::~Exchange() {
  if (counted_ && !completed_) connection_.counters_.abort(ticket_);
}

Shared& Exchange::shared() const { return connection_.shared_; }
std::size_t Exchange::number_on_connection() const { return connection_.requests_; }
Clock::time_point Exchange::received() const { return connection_.received_; }
void Exchange::stamp_arrivals() { connection_.transport_.stamp_arrivals(); }
std::string_view Exchange::scheme() const { return connection_.transport_.has_tls() ? "https" : "http"; }
std::string Exchange::client_subject() const { return connection_.transport_.client_subject(); }

Task<std::string_view> Exchange::next_piece() {
  if (request.expects_continue && !continued_ && connection_.input_.empty() && !body_.finished()) {
    continued_ = true;
    const bool written = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!written) co_return std::string_view{};
    answered_ = false;
  }
  co_return co_await body_.next();
}

Task<bool> Exchange::discard_body() {
  if (body_.finished()) co_return true;
  // The client may never send the body that it has not been asked for.
  if (answered_ && request.expects_continue && !continued_) co_return false;
  for (auto piece = co_await next_piece(); !piece.empty();) piece = co_await next_piece();
  co_return body_.finished();
}

bool Exchange::send_now(const Response& response) {
  compose(response);
  return write_last_now();
}

Task<> Exchange::send_rest() {
  for (bool writable = true, done = false; writable && !done && connection_.transport_.is_open();) {
    writable = co_await connection_.transport_.writable();
    done = writable && write_last_now();
  }
}

Task<> Exchange::send(const Response& response) {
  if (!send_now(response)) co_await send_rest();
}

Task<bool> Exchange::write(std::string_view bytes) {
  answered_ = true;
  for (;;) {
    const auto [done, gone] = connection_.transport_.write_now(bytes.data(), bytes.size());
    bytes.remove_prefix(done);
    if (bytes.empty()) co_return true;
    if (gone || !co_await connection_.transport_.writable()) co_return false;
  }
}

Task<> Exchange::finish(std::string_view bytes, int status) {
  rest_ = bytes;
  status_ = status;
  if (!write_last_now()) co_await send_rest();
}

Task<bool> Exchange::wait(std::chrono::nanoseconds duration) { return connection_.wait(duration); }

bool Exchange::write_last_now() {
  answered_ = true;
  const auto hand_over = [this] {
    const auto [done, gone] = connection_.transport_.write_now(rest_.data(), rest_.size());
    rest_.remove_prefix(done);
    if (gone) connection_.transport_.close();
    return rest_.empty();
  };
  completed_ = counted_ ? connection_.counters_.complete(ticket_, status_, hand_over) : hand_over();
  return completed_;
}

std::string Exchange::head(int status, std::string_view headers) const {
  std::string out;
  compose_head(out, status, headers);
  return out.append("\r\n");
}

void Exchange::compose_head(std::string& out, int status, std::string_view headers) const {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n").append(headers);
  if (after == After::close || !request.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (request.minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
}

void Exchange::compose(const Response& response) {
  auto& out = connection_.output_;
  out.clear();
  status_ = response.status();
  compose_head(out, status_, response.headers());
  if (may_have_body(status_)) {
    out.append("Content-Length: ");
    append_number(out, response.body().size());
    out.append("\r\n");
  }
  out.append("\r\n");
  if (!request.is_head() && may_have_body(status_)) out.append(response.body());
  rest_ = out;
}

}  // namespace katydid::target
