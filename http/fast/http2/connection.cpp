#include "http/fast/http2/connection.hpp"

#include "http/fast/connection.hpp"
#include "http/fast/engine.hpp"

#include <utility>

namespace katydid {
namespace {
/// Of one write.
constexpr std::size_t most_bytes = 256 * 1024;
}  // namespace

Http2Connection::Http2Connection(FastConnection& connection, FastEngine& engine)
    : connection_(connection), engine_(engine), session_(*this, engine.http2_fields()) {}

Http2Connection::~Http2Connection() {
  if (planned_) engine_.flush_no_more(*this);
}

/// The one that came first is told; the others only wait for it.
void Http2Connection::on_step(ConnectStep step) {
  if (ConnectionUser* const user = session_.first_user()) user->on_step(step);
}

void Http2Connection::on_open() {
  session_.open();
  session_.tell_open();
}

void Http2Connection::hand_back() {
  FastConnection* to = &connection_;
  session_.end_all([&](ConnectionUser& user) { user.on_http1(std::exchange(to, nullptr)); });
}

/// All that a turn of the loop has to send goes in one write.
void Http2Connection::on_output() {
  if (planned_) return;
  engine_.flush_later(*this);
  planned_ = true;
}

void Http2Connection::flush() {
  planned_ = false;
  if (waits_to_send_ || !connection_.open() || !session_.has_output()) return;
  waits_to_send_ = session_.produce(connection_.outgoing(), most_bytes);
  connection_.send();
  if (waits_to_send_) connection_.tell_when_sent();
  session_.tell_closed();
  if (connection_.open()) look_for_end();
}

void Http2Connection::on_sent() {
  waits_to_send_ = false;
  session_.tell_sent();
  if (connection_.open() && session_.has_output()) on_output();
}

void Http2Connection::on_received(std::string_view bytes) {
  last_received_ = engine_.loop().now();
  session_.feed(bytes);
  if (!connection_.open()) return;
  if (session_.has_output()) on_output();
  look_for_end();
}

/// A connection that the server takes leave of ends with its last stream.
void Http2Connection::look_for_end() {
  if (!session_.is_over()) {
    if (session_.active() == 0 && !session_.takes_more()) connection_.give_up();
    return;
  }
  const std::string error = session_.error();
  session_.end_all([&](ConnectionUser& user) { user.on_failed(error); });
  connection_.give_up();
}

void Http2Connection::on_ended(int error) {
  const std::string farewell = session_.farewell();
  session_.end_all([&](ConnectionUser& user) { farewell.empty() ? user.on_ended(error) : user.on_failed(farewell); });
  connection_.give_up();
}

void Http2Connection::on_truncated(std::string error) {
  session_.end_all([&](ConnectionUser& user) { user.on_truncated(error); });
  connection_.give_up();
}

void Http2Connection::on_failed(std::string error) {
  session_.end_all([&](ConnectionUser& user) { user.on_failed(error); });
  connection_.give_up();
}

void Http2Connection::fail_soon(std::string error) { session_.fail_soon(error); }

void Http2Connection::on_abandoned() {
  session_.end_all([](ConnectionUser& user) { user.on_abandoned(); });
}

std::string Http2Connection::place() const {
  const ConnectionUser* const user = session_.first_user();
  return user ? user->place() : connection_.place();
}

const Proxy* Http2Connection::proxy() const {
  const ConnectionUser* const user = session_.first_user();
  return user ? user->proxy() : nullptr;
}

std::string Http2Connection::session_place() const { return connection_.place(); }

void Http2Connection::on_room() {
  if (session_.active() == 0 && (!connection_.open() || !session_.takes_more())) return connection_.give_up();
  connection_.freed();
}

}  // namespace katydid
