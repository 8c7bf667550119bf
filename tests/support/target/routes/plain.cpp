#include "tests/support/target/pattern.hpp"
#include "tests/support/target/routes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace katydid::target {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view greeting = "Hello, World! This is what the target says to a load.\n";
static_assert(greeting.size() == 54);

constexpr auto longest_wake_up = std::chrono::microseconds(300);
constexpr double longest_wait_ms = 3'600'000;

nanoseconds milliseconds(double ms) { return nanoseconds(static_cast<nanoseconds::rep>(ms * 1e6)); }

Response hello(Exchange&) { return {200, "text/plain", greeting}; }

Response index(Exchange& exchange) {
  nlohmann::ordered_json json{{"ok", true}, {"server", "katydid-target"}, {"scheme", exchange.scheme()}};
  auto& paths = json["paths"] = nlohmann::ordered_json::object();
  for (const auto& route : routes()) paths[std::string(route.usage)] = route.summary;
  return Response::json(json.dump(2) + "\n");
}

Response counts(Exchange& exchange) { return Response::json(exchange.shared().counters.total().json() + "\n"); }

Response reset_counts(Exchange& exchange) {
  if (exchange.request.method != "POST") return Response(405).header("Allow", "POST");
  exchange.shared().counters.reset();
  exchange.shared().failures.reset();
  return Response(204);
}

Response status(Exchange& exchange) {
  const auto code = static_cast<int>(parse_count(exchange.argument, "/status/CODE", 999));
  if (code < 200) throw BadRequest("/status/CODE wants a final status from 200 to 999");
  return Response(code);
}

Response fail(Exchange& exchange) {
  const auto query = exchange.query();
  const auto rate = query.number("rate", 1, 1);
  const auto code = query.status(500);
  return exchange.shared().failures.next_fails(exchange.request.target, rate) ? Response(code) : hello(exchange);
}

Response keepalive(Exchange& exchange) {
  const auto requests = parse_count(exchange.argument, "/keepalive/N", 1'000'000'000);
  if (exchange.number_on_connection() >= requests) exchange.after = Exchange::After::drop;
  return hello(exchange);
}

Response close_after(Exchange& exchange) {
  exchange.after = Exchange::After::close;
  return hello(exchange);
}

/// So many milliseconds have passed since the request.
std::string age_of(const Exchange& exchange) {
  const std::chrono::duration<double, std::milli> age = Clock::now() - exchange.received();
  return std::to_string(age.count());
}

/// A timer is late by what it takes to wake a thread: the last bit is waited for busily. False when the client has
/// left.
Task<bool> wait_exactly(Exchange& exchange, Clock::time_point due) {
  const nanoseconds slept = due - Clock::now() - longest_wake_up;
  if (slept > nanoseconds::zero() && !co_await exchange.wait(slept)) co_return false;
  while (Clock::now() < due) {
  }
  co_return true;
}

Task<> delay(Exchange& exchange) {
  const auto duration = milliseconds(parse_number(exchange.argument, "/delay/MS", longest_wait_ms));
  const bool exact = exchange.query().count("exact", 0, 1) != 0;
  if (exact) exchange.stamp_arrivals();
  if (!co_await exchange.discard_body()) co_return;
  if (exact ? !co_await wait_exactly(exchange, exchange.received() + duration)
            : duration > nanoseconds::zero() && !co_await exchange.wait(duration)) {
    co_return;
  }
  auto response = hello(exchange);
  response.header("X-Delayed", age_of(exchange));
  co_await exchange.send(response);
}

Task<> events(Exchange& exchange) {
  const auto query = exchange.query();
  const auto count = query.count("count", 10, 1'000'000);
  const auto first = milliseconds(query.number("first_ms", 20, longest_wait_ms));
  const auto interval = milliseconds(query.number("interval_ms", 5, longest_wait_ms));
  exchange.stamp_arrivals();
  if (!co_await exchange.discard_body()) co_return;
  auto due = exchange.received() + first;
  if (!co_await wait_exactly(exchange, due)) co_return;
  constexpr std::size_t digits = 16;
  const std::size_t size = std::string_view("data: \n\n").size() + digits;
  const auto head = exchange.head(200, "Content-Type: text/event-stream\r\nX-Delayed: " + age_of(exchange) +
                                           "\r\nContent-Length: " + std::to_string(count * size) + "\r\n");
  if (exchange.request.is_head() || count == 0) co_return co_await exchange.finish(head);
  if (!co_await exchange.write(head)) co_return;
  for (std::size_t sent = 1; sent <= count; ++sent) {
    due += interval;
    if (!co_await wait_exactly(exchange, due)) co_return;
    std::string event = "data: " + age_of(exchange).substr(0, digits);
    event.append(size - 2 - event.size(), ' ').append("\n\n");
    if (sent == count) co_return co_await exchange.finish(event);
    if (!co_await exchange.write(event)) co_return;
  }
}

Task<> slow_body(Exchange& exchange) {
  const auto query = exchange.query();
  const auto bytes = query.count("bytes", 1024, 1ULL << 30U);
  const auto chunk = query.count("chunk", 128, 32 * 1024);
  const auto interval = milliseconds(query.number("interval_ms", 100, longest_wait_ms));
  if (chunk == 0) throw BadRequest("chunk wants at least 1");
  if (!co_await exchange.discard_body()) co_return;

  const auto head = exchange.head(200, "Content-Type: text/plain\r\nContent-Length: " + std::to_string(bytes) + "\r\n");
  if (exchange.request.is_head() || bytes == 0) co_return co_await exchange.finish(head);
  if (!co_await exchange.write(head)) co_return;
  for (std::size_t sent = 0;;) {
    if (!co_await exchange.wait(interval)) co_return;
    const auto piece = pattern_at(sent, std::min(chunk, bytes - sent));
    sent += piece.size();
    if (sent == bytes) co_return co_await exchange.finish(piece);
    if (!co_await exchange.write(piece)) co_return;
  }
}

Task<> hang(Exchange& exchange) {
  bool there = co_await exchange.discard_body();
  while (there) there = co_await exchange.wait(std::chrono::hours(1));
}

Task<> proceed(Exchange& exchange) {
  const auto code = exchange.query().status(200);
  if (code >= 300) {  // refused before a byte of the body was read
    exchange.after = Exchange::After::close;
    co_return co_await exchange.send(Response(code));
  }
  if (co_await exchange.discard_body()) co_await exchange.send(hello(exchange));
}

Task<> early_hints(Exchange& exchange) {
  if (!co_await exchange.discard_body()) co_return;
  const bool knows_interim = exchange.request.minor_version > 0;
  if (knows_interim &&
      !co_await exchange.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")) {
    co_return;
  }
  co_await exchange.send(hello(exchange));
}

constexpr Route list[] = {
    {"/hello", hello, nullptr, "/hello", "54 bytes of text, whatever the method"},
    {"/", index, nullptr, "/", "this list"},
    {"/counts", counts, nullptr, "/counts", "what was served, as JSON; not counted itself", false},
    {"/counts/reset", reset_counts, nullptr, "/counts/reset", "POST: zero the counts; not counted itself", false},
    {"/status/", status, nullptr, "/status/CODE", "that status"},
    {"/fail", fail, nullptr, "/fail?rate=1&status=500", "fails that share of its requests, evenly"},
    {"/delay/", nullptr, delay, "/delay/MS?exact=0", "answers after MS milliseconds, e.g. 0.2"},
    {"/events", nullptr, events, "/events?count=10&first_ms=20&interval_ms=5", "server-sent events, on time"},
    {"/slow-body", nullptr, slow_body, "/slow-body?bytes=1024&chunk=128&interval_ms=100", "drips its body"},
    {"/hang", nullptr, hang, "/hang", "never answers"},
    {"/continue", nullptr, proceed, "/continue?status=200",
     "100 Continue when expected; refuses with a status from 300 on"},
    {"/early-hints", nullptr, early_hints, "/early-hints", "103, then 200"},
    {"/keepalive/", keepalive, nullptr, "/keepalive/N", "closes after the connection's Nth request without saying so"},
    {"/close/after", close_after, nullptr, "/close/after", "a good answer with Connection: close"},
};

}  // namespace

std::span<const Route> plain_routes() { return list; }

}  // namespace katydid::target
