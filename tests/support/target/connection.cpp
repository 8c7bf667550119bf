#include "tests/support/target/connection.hpp"

#include "tests/support/target/loop.hpp"
#include "tests/support/target/routes.hpp"

namespace katydid::target {
namespace {

constexpr std::size_t head_limit = 64 * 1024;
constexpr auto linger_time = std::chrono::seconds(1);
constexpr std::size_t kept_output = 256 * 1024;

Response answer_of(const Route& route, Exchange& exchange) {
  try {
    return route.answer(exchange);
  } catch (const BadRequest& bad) {
    return {400, "text/plain", bad.what()};
  }
}

}  // namespace

Connection::Connection(Loop& loop, Socket socket, SSL_CTX* tls)
    : loop_(loop),
      shared_(loop.shared),
      counters_(loop.counters),
      transport_(std::move(socket), tls),
      timer_(loop.context.get_executor()) {
  counted_as_ = counters_.open_connection();
  loop_.connections.insert(this);
}

Connection::~Connection() {
  loop_.connections.erase(this);
  if (counted_) counters_.close_connection(counted_as_);
}

Task<> Connection::run() {
  if (!co_await transport_.handshake()) co_return;
  while (!gone_) {
    const auto size = find_head_end(input_.view(), scanned_);
    if (size > head_limit || (size == 0 && input_.view().size() >= head_limit)) {
      const Request::Refusal refusal{431, "the head is longer than 64 KiB"};
      co_return co_await refuse(refusal);
    }
    if (size == 0) {
      if (!co_await input_.fill()) co_return;
      continue;
    }
    scanned_ = 0;
    const auto arrived = transport_.last_arrival();
    received_ = arrived > received_ ? arrived : Clock::now();  // one that came together with another one waited here
    const auto refusal = request_.parse(input_.view().substr(0, size));
    input_.consume(size);
    if (refusal) co_return co_await refuse(*refusal);

    ++requests_;
    std::string_view argument;
    const auto* route = find_route(request_.path, argument);
    switch (co_await serve(route, argument)) {
      case Exchange::After::keep:
        break;
      case Exchange::After::close:
        co_return co_await linger();
      case Exchange::After::drop:
        co_return transport_.close();
      case Exchange::After::reset:
        co_return transport_.reset();
    }
    if (output_.capacity() > kept_output) output_ = {};
  }
}

Task<Exchange::After> Connection::serve(const Route* route, std::string_view argument) {
  static const Route unknown{"", [](Exchange& exchange) {
                               const std::string path(exchange.request.path);
                               return Response(404, "text/plain",
                                               "no such path: " + path + "; GET / lists those there are");
                             }};
  if (!route) route = &unknown;
  if (!route->counted && requests_ == 1) {
    counters_.forget_connection(counted_as_);
    counted_ = false;
  }
  Exchange exchange(*this, request_, route->counted);
  exchange.argument = argument;

  if (route->answer && exchange.body().finished()) {
    if (!exchange.send_now(answer_of(*route, exchange))) co_await exchange.send_rest();
  } else if (route->answer) {
    if (!co_await exchange.discard_body()) co_return Exchange::After::drop;
    const auto response = answer_of(*route, exchange);
    co_await exchange.send(response);
  } else {
    std::optional<Response> complaint;
    try {
      co_await route->serve(exchange);
    } catch (const BadRequest& bad) {
      complaint.emplace(400, "text/plain", bad.what());
    }
    if (complaint) co_await exchange.send(*complaint);
  }

  if (exchange.after == Exchange::After::keep && !request_.keep_alive) exchange.after = Exchange::After::close;
  if (exchange.after == Exchange::After::keep && !exchange.body().finished() && !co_await exchange.discard_body()) {
    exchange.after = Exchange::After::close;
  }
  co_return exchange.after;
}

Task<> Connection::refuse(const Request::Refusal& refusal) {
  counters_.reject();
  output_.assign("HTTP/1.1 ").append(std::to_string(refusal.status)).append(" ").append(reason_phrase(refusal.status));
  output_.append("\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ");
  output_.append(std::to_string(refusal.why.size())).append("\r\n\r\n").append(refusal.why);
  transport_.write_now(output_.data(), output_.size());  // as far as it goes: this client is no good one
  co_await linger();
}

/// Closes so that the client gets all that was sent: closing with something unread resets the connection, and a reset
/// may overtake the answer.
Task<> Connection::linger() {
  transport_.finish_writing();
  timer_.expires_after(linger_time);
  timer_.async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->transport_.close();
  });
  do {
    input_.consume(input_.view().size());
  } while (co_await input_.fill());
  timer_.cancel();
  transport_.close();
}

Task<bool> Connection::wait(std::chrono::nanoseconds duration) {
  if (gone_) co_return false;
  timer_.expires_after(duration);
  watch(++watch_turn_);
  co_await Operation([&](auto handler) { timer_.async_wait(std::move(handler)); });
  ++watch_turn_;
  transport_.cancel();
  // The client's goodbye may be here already though its event has not been handled yet.
  if (!gone_) gone_ = input_.absorb() == Input::Absorbed::gone;
  co_return !gone_;
}

/// Reads while a timer runs, to see at once when the client goes away.
void Connection::watch(std::uint64_t turn) {
  transport_.when_readable([self = shared_from_this(), turn](std::error_code) {
    if (turn != self->watch_turn_) return;
    switch (self->input_.absorb()) {
      case Input::Absorbed::gone:
        self->gone_ = true;
        self->timer_.cancel();
        break;
      case Input::Absorbed::full:
        break;
      default:
        self->watch(turn);
    }
  });
}

Detached Connection::start(std::shared_ptr<Connection> self) {
  try {
    co_await self->run();
  } catch (const std::exception& error) {
    self->shared_.log("a connection failed at " + std::string(self->request_.key) + ": " + error.what());
  }
}

void Connection::abort() {
  gone_ = true;
  transport_.close();
  timer_.cancel();
}

}  // namespace katydid::target
