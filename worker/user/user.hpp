#pragma once

#include "base/task.hpp"
#include "base/value.hpp"
#include "http/client_options.hpp"
#include "http/curl/client.hpp"
#include "http/fast/client.hpp"
#include "net/sleep.hpp"
#include "net/sockets/tcp_client.hpp"
#include "net/sockets/udp_client.hpp"
#include "websocket/client.hpp"
#include "worker/user/environment.hpp"
#include "worker/user/random.hpp"
#include "worker/user/task_owner.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

namespace katydid {

class RunningUser;
class Shard;

/// Thrown by a task to end its user, as in Locust.
struct StopUser : std::exception {
  const char* what() const noexcept override { return "StopUser"; }
};
/// Thrown by a user, its constructor included, to end the test, as in Locust: what it says is logged, and this worker
/// ends as by environment().quit().
struct StopTest : std::runtime_error {
  explicit StopTest(const std::string& why = "StopTest") : std::runtime_error(why) {}
};
/// Thrown by a task to go on with the next one after the wait time.
struct RescheduleTask : std::exception {
  const char* what() const noexcept override { return "RescheduleTask"; }
};
/// Thrown by a task to go on with the next one at once.
struct RescheduleTaskImmediately : std::exception {
  const char* what() const noexcept override { return "RescheduleTaskImmediately"; }
};

/// One simulated user: its tasks run one after another, as coroutines on one shard. Base of every user class, Locust's
/// `User`.
class User : public TaskOwner {
 public:
  /// Only a shard makes users; throws std::logic_error elsewhere.
  User();

  /// What listeners of `request` find in the context of each request of this user, as Locust's `context()`.
  virtual Value context() const { return Value::object(); }

  Environment& environment() const { return katydid::environment(); }
  /// The host to load: the master's, else the class's, else "".
  const std::string& host() const;
  /// Reports something that is not done by one of Katydid's clients, as Locust's `events.request.fire`.
  void record(const Sample& sample);
  /// This user ends after its current task.
  void stop();
  /// The wait that there is between two tasks, as in Locust. A user that is to stop ends in it.
  task<> wait();
  /// For choices of its own: with --seed they are the same in each run.
  RandomSource& random_source();

 protected:
  /// A further client of this user, with connections and cookies of its own, as a member: `HttpClient api =
  /// make_http_client("https://api.example.com");`. Locust's `HttpSession(base_url=…)`. @{
  HttpClient make_http_client(std::string base_url) const;
  FastHttpClient make_fast_http_client(std::string base_url) const;
  /// @}
  /// For protocols of its own, in the same way: `TcpClient client = make_tcp_client();`. @{
  TcpClient make_tcp_client() const;
  UdpClient make_udp_client() const;
  /// @}
  Context& running_context() const;
  Shard& shard() const;
  /// For HttpUser and FastHttpUser.
  ClientOptions host_options() const;

 private:
  ClientOptions client_options(std::string base_url) const;
  Network network() const;

  RunningUser& running_;
};

/// A user with Locust's complete HTTP client, on libcurl. As in Locust it can't be without a host: the class's, --host
/// or the master's; its constructor throws std::runtime_error then.
class HttpUser : public User {
 public:
  HttpUser();
  HttpClient client;
};

/// The same with Katydid's own HTTP client, which costs a fraction: Locust's `FastHttpUser`. Changing the base
/// class is all it takes; FastHttpClient says what it has not.
class FastHttpUser : public User {
 public:
  FastHttpUser();
  FastHttpClient client;
};

/// A user with WebSockets, on FastHttpUser's client: what a login by `client` sets as a cookie goes with them, and its
/// settings are theirs. Other users have them by a member: `WebSocketClient ws{client};` beside a FastHttpClient.
class WebSocketUser : public FastHttpUser {
 public:
  WebSocketUser();
  WebSocketClient ws{client};
};

}  // namespace katydid
