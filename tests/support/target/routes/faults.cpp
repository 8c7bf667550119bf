#include "tests/support/target/pattern.hpp"
#include "tests/support/target/routes.hpp"
#include "tests/support/target/routes/malformed.hpp"

#include <algorithm>

namespace katydid::target {
namespace {

Task<> close_before(Exchange& exchange) {
  exchange.after = Exchange::After::drop;
  co_await exchange.discard_body();
}

Task<> close_headers(Exchange& exchange) {
  exchange.after = Exchange::After::drop;
  const bool read = co_await exchange.discard_body();
  if (read) co_await exchange.write("HTTP/1.1 200 OK\r\nContent-Ty");
}

Task<> close_body(Exchange& exchange) {
  const auto query = exchange.query();
  const auto bytes = query.count("bytes", 1000, 1ULL << 30U);
  const auto sent = query.count("sent", std::min<std::size_t>(bytes, 100), pattern_block_size / 2);
  if (sent >= bytes) throw BadRequest("sent wants less than bytes");
  const auto headers = "Content-Type: text/plain\r\nContent-Length: " + std::to_string(bytes) + "\r\n";
  if (!co_await exchange.discard_body()) co_return;
  const auto answer = exchange.head(200, headers).append(pattern_at(0, sent));
  exchange.after = Exchange::After::drop;
  co_await exchange.write(answer);
}

Task<> reset(Exchange& exchange) {
  exchange.after = Exchange::After::reset;
  co_await exchange.discard_body();
}

Task<> malformed(Exchange& exchange) {
  const auto kinds = malformed_kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.kind == exchange.argument; });
  if (found == kinds.end()) {
    std::string text = "the kinds are:\n";
    for (const auto& one : kinds) text.append(one.kind).append(": ").append(one.summary).append("\n");
    co_return co_await exchange.send(Response(404, "text/plain", text));
  }
  const auto query = exchange.query();
  const auto generated = found->generate ? found->generate(query) : std::string();
  if (!found->keeps) exchange.after = Exchange::After::drop;
  if (!found->early && !co_await exchange.discard_body()) co_return;
  co_await exchange.finish(found->generate ? std::string_view(generated) : found->bytes, found->status);
}

constexpr Route list[] = {
    {"/close/before", nullptr, close_before, "/close/before", "closes without an answer"},
    {"/close/headers", nullptr, close_headers, "/close/headers", "closes in the middle of the answer's head"},
    {"/close/body", nullptr, close_body, "/close/body?bytes=1000&sent=100",
     "announces a body and closes in its middle"},
    {"/reset", nullptr, reset, "/reset", "resets the connection"},
    {"/malformed/", nullptr, malformed, "/malformed/KIND",
     "an answer that breaks the rules; an unknown kind lists them"},
};

}  // namespace

std::span<const Route> fault_routes() { return list; }

}  // namespace katydid::target
