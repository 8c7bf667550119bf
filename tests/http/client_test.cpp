#include "http/curl/client.hpp"

#include "http/idna.hpp"
#include "tests/http/http_client_harness.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

TEST_CASE_TEMPLATE("a request is answered and recorded once, with its time and length", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto response = get(shard, "/delay/30");
  CHECK(response.status() == 200);
  CHECK(response.ok());
  CHECK(response.body().size() == 54);
  CHECK(response.header("content-type") == "text/plain");
  CHECK(response.url() == test_target().url("/delay/30"));
  CHECK(response.redirects() == 0);
  const auto sample = shard.recorded();
  CHECK(sample.method == "GET");
  CHECK(sample.name == "/delay/30");
  CHECK(sample.error.empty());
  CHECK(sample.length == 54);
  CHECK(sample.response_time >= 30ms);
  CHECK(sample.response_time < 1s);
  CHECK(sample.response_time == response.elapsed());
}

TEST_CASE_TEMPLATE("every method goes out with its body", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto echo_of = [&](auto call) { return ask(shard, call).json(); };
  const auto check = [&](const Value& echo, std::string_view method, std::string_view body, std::string_view length) {
    CHECK(echo["method"].as_string() == method);
    CHECK(echo["body"].as_string() == body);
    CHECK(echoed(echo, "Content-Length") == length);
    CHECK(shard.recorded().method == method);
  };
  check(echo_of([](auto& client) { return client.get("/echo"); }), "GET", "", "");
  check(echo_of([](auto& client) { return client.post("/echo", "text"); }), "POST", "text", "4");
  check(echo_of([](auto& client) { return client.post("/echo"); }), "POST", "", "0");
  check(echo_of([](auto& client) { return client.put("/echo", "text"); }), "PUT", "text", "4");
  check(echo_of([](auto& client) { return client.patch("/echo", "text"); }), "PATCH", "text", "4");
  check(echo_of([](auto& client) { return client.delete_("/echo"); }), "DELETE", "", "0");
  check(echo_of([](auto& client) { return client.delete_("/echo", "text"); }), "DELETE", "text", "4");
  check(echo_of([](auto& client) { return client.options("/echo"); }), "OPTIONS", "", "0");
  check(echo_of([](auto& client) { return client.request("get", "/echo", "text"); }), "GET", "text", "4");
  check(echo_of([](auto& client) { return client.get("/echo"); }), "GET", "", "");
  check(echo_of([](auto& client) { return client.request("PROPFIND", "/echo", "x"); }), "PROPFIND", "x", "1");
  const auto head = ask(shard, [](auto& client) { return client.head("/hello"); });
  CHECK(head.status() == 200);
  CHECK(head.header("Content-Length") == "54");
  CHECK(head.body().empty());
  CHECK(shard.recorded().length == 0);
  check(echo_of([](auto& client) { return client.post("/echo", "text"); }), "POST", "text", "4");
}

TEST_CASE_TEMPLATE("any token is a method", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::string method : {"X_Y", "V2", "PATCH2", "M-SEARCH", "A!#$%&'*+-.^_`|~9", "9"}) {
    CAPTURE(method);
    const auto echo = ask(shard, [&](auto& client) { return client.request(method, "/echo", "x"); }).json();
    CHECK(echo["method"].as_string() == method);
    CHECK(echo["body"].as_string() == "x");
    CHECK(shard.recorded().method == method);
  }
}

TEST_CASE_TEMPLATE("a body is sent with its own length, whatever a header says", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::string_view said : {"3", "50", "0", "", "x"}) {
    CAPTURE(said);
    const auto with_body = ask(shard, [&](auto& client) {
      return client.post("/echo", "hello", {.headers = {{"content-length", said}}});
    });
    CHECK(with_body.json()["body"].as_string() == "hello");
    CHECK(echoed(with_body.json(), "Content-Length") == "5");
    CHECK(echoed(with_body.json(), "content-length").empty());
    const auto without = ask(shard, [&](auto& client) {
      return client.get("/echo", {.headers = {{"Content-Length", said}}});
    });
    CHECK(without.json()["body"].as_string().empty());
    CHECK(echoed(without.json(), "Content-Length").empty());
  }
  const auto taken_away = ask(shard, [](auto& client) {
    return client.post("/echo", "hello", {.headers = {{"Content-Length", {}}}});
  });
  CHECK(taken_away.json()["body"].as_string() == "hello");
  shard.user.client.options().headers = {{"Content-Length", "1"}};
  CHECK(ask(shard, [](auto& client) { return client.put("/echo", "hello"); }).json()["body"].as_string() == "hello");
  CHECK(get(shard, "/hello").body().size() == 54);
}

TEST_CASE("HttpUser sends a body in chunks when a header says so") {
  HttpShard shard(test_target().url());
  for (const std::string_view body : {"hello", ""}) {
    const auto echo =
        ask(shard, [&](auto& client) {
          return client.post("/echo", body, {.headers = {{"Transfer-Encoding", "chunked"}, {"Content-Length", "3"}}});
        }).json();
    CHECK(echo["body"].as_string() == body);
    CHECK(echoed(echo, "Content-Length").empty());
  }
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("a request without a name is recorded by its path, whatever the one before it was", Shard,
                   KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto name_of = [&](std::string_view url, std::string_view name) {
    ask(shard, [&](auto& client) { return client.get(url, {.name = name}); });
    return shard.recorded().name;
  };
  CHECK(name_of("/hello", "") == "/hello");
  CHECK(name_of("/hello", "") == "/hello");
  CHECK(name_of("/hello", "named") == "named");
  CHECK(name_of("/hello", "") == "/hello");
  CHECK(name_of("/echo", "named") == "named");
  CHECK(name_of("/echo", "other") == "other");
  CHECK(name_of("/echo", "") == "/echo");
  CHECK(name_of("/hello", "") == "/hello");
  CHECK(name_of("/redirect/3", "") == "/redirect/3");
  CHECK(name_of("/hello", "") == "/hello");
}

TEST_CASE_TEMPLATE("bodies of every size arrive whole", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::size_t size : {1U, 1'000U, 70'000U, 3'000'000U}) {
    const auto response = ask(shard, [&](auto& client) { return client.post("/upload", std::string(size, 'x')); });
    CHECK(response.json()["bytes"].as_uint() == size);
  }
  const auto zeros = ask(shard, [&](auto& client) { return client.post("/upload", std::string(5, '\0')); });
  CHECK(zeros.json()["bytes"].as_int() == 5);
  for (const std::size_t size : {0U, 1U, 1'000U, 1'023U, 70'000U, 3'000'000U, 54U}) {
    const auto path = "/bytes/" + std::to_string(size);
    CHECK(get(shard, path).body().size() == size);
    CHECK(shard.recorder.samples.back().length == size);
    CHECK(get(shard, "/chunked/" + std::to_string(size)).body().size() == size);
  }
}

TEST_CASE_TEMPLATE("JSON, forms and text have the Content-Type that requests gives them", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  auto echo = ask(shard, [](auto& client) { return client.post("/echo", json{{"user", "ann"}}); }).json();
  CHECK(echoed(echo, "Content-Type") == "application/json");
  CHECK(echo["body"].as_string() == R"({"user":"ann"})");
  echo = ask(shard, [](auto& client) { return client.post("/echo", Form{{"user", "ann b"}}); }).json();
  CHECK(echoed(echo, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(echo["body"].as_string() == "user=ann+b");
  echo = ask(shard, [](auto& client) { return client.post("/echo", "text"); }).json();
  CHECK(echoed(echo, "Content-Type").empty());
  echo = ask(shard, [](auto& client) {
           return client.post("/echo", json{{"user", "ann"}}, {.headers = {{"content-type", "application/ld+json"}}});
         }).json();
  CHECK(echoed(echo, "content-type") == "application/ld+json");
  CHECK(echoed(echo, "Content-Type").empty());
}

TEST_CASE_TEMPLATE("default headers are those of requests, with another name", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto echo = get(shard, "/echo").json();
  CHECK(echo["version"].as_string() == "1.1");
  CHECK(echo["headers"].size() == 5);
  CHECK(echoed(echo, "User-Agent").starts_with("katydid/"));
  CHECK(echoed(echo, "Accept") == "*/*");
  CHECK(echoed(echo, "Accept-Encoding") == "gzip, deflate");
  CHECK(echoed(echo, "Connection") == "keep-alive");
  CHECK(echoed(echo, "Host") == test_target().url().substr(7));
  const auto large = ask(shard, [](auto& client) { return client.put("/echo", std::string(2'000'000, 'x')); });
  CHECK(echoed(large.json(), "Expect").empty());
}

TEST_CASE_TEMPLATE("headers of the client and of a request are sent, the nearest wins", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{
      .base_url = test_target().url(), .user_agent = "mine/1", .headers = {{"X-Both", "client"}, {"X-A", "a"}}});
  auto echo = ask(shard, [](auto& client) {
                return client.get("/echo", {.headers = {{"x-both", "request"}, {"X-Empty", ""}, {"Accept", {}}}});
              }).json();
  CHECK(echoed(echo, "User-Agent") == "mine/1");
  CHECK(echoed(echo, "x-both") == "request");
  CHECK(echoed(echo, "X-Both").empty());
  CHECK(echoed(echo, "X-A") == "a");
  CHECK(echo["headers"].dump().find(R"(["X-Empty",""])") != std::string::npos);
  CHECK(echo["headers"].dump().find("Accept\"") == std::string::npos);
  echo = get(shard, "/echo").json();
  CHECK(echoed(echo, "X-Both") == "client");
  CHECK(echoed(echo, "Accept") == "*/*");
}

TEST_CASE_TEMPLATE("parameters and odd paths are quoted; the name is what was sent", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  auto echo = ask(shard, [](auto& client) {
                return client.get("/echo?a=1", {.params = {{"q", "x y&z"}, {"page", "2"}}});
              }).json();
  CHECK(echo["target"].as_string() == "/echo?a=1&q=x+y%26z&page=2");
  CHECK(shard.recorded().name == "/echo?a=1&q=x+y%26z&page=2");
  echo = get(shard, "/echo?q=a b\xC3\xA9").json();
  CHECK(echo["query"].as_string() == "q=a%20b%C3%A9");
  CHECK(shard.recorded().name == "/echo?q=a%20b%C3%A9");
}

TEST_CASE_TEMPLATE("a name groups requests", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (int i = 0; i < 2; ++i) {
    ask(shard, [&](auto& client) {
      return client.get("/hello?id=" + std::to_string(i), {.name = "/hello?id=[" + std::string("id]")});
    });
    CHECK(shard.recorded().name == "/hello?id=[id]");
  }
}

TEST_CASE_TEMPLATE("the base URL may have a path, and a whole URL goes elsewhere", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url("/status"));
  CHECK(get(shard, "/204").status() == 204);
  CHECK(shard.recorded().name == "/status/204");
  CHECK(get(shard, test_target().url("/hello")).body().size() == 54);
  CHECK(shard.recorded().name == "/hello");
}

TEST_CASE_TEMPLATE("bodies are decompressed and their length is that of the content", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(get(shard, "/gzip/5000").body() == get(shard, "/bytes/5000").body());
  CHECK(shard.recorder.samples[0].length == 5000);
  CHECK(get(shard, "/deflate/5000").body().size() == 5000);
  CHECK(get(shard, "/deflate/5000?raw=1").body().size() == 5000);
}

TEST_CASE_TEMPLATE("cookies are kept by each user, and added to for one request", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  get(shard, "/cookies/set?session=abc&Path=/");
  CHECK(get(shard, "/cookies").json().dump() == R"({"cookies":[["session","abc"]]})");
  auto both = ask(shard, [](auto& client) {
                return client.get("/cookies", {.headers = {{"Cookie", "a=1"}}, .cookies = {{"b", "2"}}});
              }).json();
  CHECK(both.dump() == R"({"cookies":[["session","abc"],["a","1"],["b","2"]]})");
  CHECK(get(shard, "/cookies").json()["cookies"].size() == 1);

  typename Shard::User other(shard.loop, shard.recorder, shard.engine, {.base_url = test_target().url()});
  auto alone = awaiting(other.client, [](auto& client) { return client.get("/cookies"); });
  alone.start(other);
  shard.turn_until([&] { return alone.done(); });
  CHECK(alone.result().json()["cookies"].empty());
}

TEST_CASE_TEMPLATE("Basic authentication comes from the request or from the base URL", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto path = "/basic-auth/ann/s%3Acret";
  CHECK(get(shard, path).status() == 401);
  const auto signed_in = [&](auto& client) { return client.get(path, {.auth = {"ann", "s:cret"}}); };
  CHECK(ask(shard, signed_in).status() == 200);
  CHECK(get(shard, path).status() == 401);

  Shard with_user("http://ann:s%3Acret@" + test_target().url().substr(7));
  const auto welcome = get(with_user, path);
  CHECK(welcome.status() == 200);
  CHECK(welcome.url() == test_target().url(path));
  CHECK(with_user.recorded().name == path);
  CHECK(get(with_user, test_target().url(path)).status() == 401);
}

TEST_CASE_TEMPLATE("credentials in a request's own URL are decoded, and go no further than it", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto own = "http://ann%40x:se%3Acret@" + test_target().url().substr(7);
  const auto path = "/basic-auth/ann%40x/se%3Acret";
  CHECK(get(shard, own + path).status() == 200);
  CHECK(shard.recorded().name == path);
  CHECK(get(shard, path).status() == 401);
  CHECK(get(shard, own + "/redirect-to?url=" + percent_encoded(path)).status() == 200);
  CHECK(get(shard, "/redirect-to?url=" + percent_encoded(own + path)).status() == 401);  // requests ignores them, too
  const auto sent = [&](const std::string& user_info) {
    const auto url = "http://" + user_info + "@" + test_target().url("/echo").substr(7);
    return echoed(get(shard, url).json(), "Authorization");
  };
  CHECK(sent("ann%40x:se%3Acret") == "Basic YW5uQHg6c2U6Y3JldA==");
  CHECK(sent("ann:") == "Basic YW5uOg==");
  CHECK(sent(":secret") == "Basic OnNlY3JldA==");
  CHECK(sent("ann").empty());
  CHECK(sent(":").empty());

  Shard without_password("http://ann@" + test_target().url().substr(7));
  CHECK(echoed(get(without_password, "/echo").json(), "Authorization").empty());
}

TEST_CASE_TEMPLATE("options may change between two requests", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(echoed(get(shard, "/echo").json(), "X-New").empty());
  ClientOptions& options = shard.user.client.options();
  options.headers = {{"X-New", "1"}};
  CHECK(echoed(get(shard, "/echo").json(), "X-New") == "1");
  options.base_url = test_target().url("/status");
  CHECK(get(shard, "/201").status() == 201);
  options.user_agent = "other";
  options.base_url = test_target().url();
  CHECK(echoed(get(shard, "/echo").json(), "User-Agent") == "other");
}

TEST_CASE_TEMPLATE("a Unix socket takes the place of the host", Shard, KATYDID_SHARDS) {
  const auto path = std::filesystem::temp_directory_path() / ("katydid-http-" + std::to_string(::getpid()));
  target::Target target({.unix_path = path});
  Shard shard(ClientOptions{.base_url = "http://service", .unix_socket = path});
  CHECK(echoed(get(shard, "/echo").json(), "Host") == "service");
  shard.user.client.options().unix_socket = path.string() + "-missing";
  const auto response = get(shard, "/hello");
  CHECK(response.status() == 0);
  CHECK(response.error() ==
        "FileNotFoundError: [Errno 2] No such file or directory (unix:" + path.string() + "-missing)");
}

TEST_CASE_TEMPLATE("an international host is looked up and sent in ASCII, after a redirect, too", Shard,
                   KATYDID_SHARDS) {
  if (ascii_host("b\xC3\xBC").name.empty()) return;
  const std::string host =
      "b\xC3\xBC"
      "cher.example";
  const auto path = std::filesystem::temp_directory_path() / ("katydid-idna-" + std::to_string(::getpid()));
  target::Target target({.unix_path = path});
  Shard shard(ClientOptions{.base_url = "http://" + host + ":8080", .unix_socket = path});
  const auto direct = get(shard, "/echo");
  CHECK(echoed(direct.json(), "Host") == "xn--bcher-kva.example:8080");
  CHECK(direct.url() == "http://xn--bcher-kva.example:8080/echo");
  CHECK(shard.recorded().name == "/echo");
  const auto redirected = get(shard, "/redirect-to?url=" + percent_encoded("http://" + host + "/echo"));
  CHECK(echoed(redirected.json(), "Host") == "xn--bcher-kva.example");
  shard.recorder.samples.clear();

  shard.user.client.options().unix_socket.clear();
  CHECK(get(shard, "/").error() == "NameResolutionError: cannot resolve host 'xn--bcher-kva.example'");
  CHECK(get(shard, "http://\xFF/").error().starts_with("InvalidURL: the host is no name that can be looked up ("));
  CHECK(get(shard, test_target().url("/redirect-to?url=" + percent_encoded("http://" + host + "/"))).error() ==
        "NameResolutionError: cannot resolve host 'xn--bcher-kva.example'");
  CHECK(get(shard, test_target().url("/redirect-to?url=" + percent_encoded("http://\xFF/")))
            .error()
            .starts_with("InvalidURL: "));
}

TEST_CASE_TEMPLATE("a proxy gets the whole URL; the environment's is not looked at", Shard, KATYDID_SHARDS) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  Shard shard(ClientOptions{.base_url = "http://nowhere.invalid", .proxy = test_target().url()});
  const auto echo = get(shard, "/echo").json();
  CHECK(echo["target"].as_string() == "http://nowhere.invalid/echo");
  CHECK(shard.recorded().name == "/echo");
  shard.user.client.options().proxy.clear();
  shard.user.client.options().base_url = test_target().url();
  CHECK(get(shard, "/hello").ok());
  ::unsetenv("http_proxy");
}

TEST_CASE_TEMPLATE("a task judges its response itself", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  shard.run([](Shard& s) -> task<> {
    {
      auto response = co_await s.user.client.get("/status/404", {.name = "/gone", .catch_response = true});
      CHECK(s.recorder.samples.empty());
      CHECK(s.user.requests_in_flight == 0);
      response.success();
    }
    CHECK(s.recorded().error.empty());
    {
      auto response = co_await s.user.client.post("/hello", json{{"id", 42}}, {.catch_response = true});
      if (response.status() != 201) response.failure("not added");
    }
    const auto sample = s.recorded();
    CHECK(sample.error == "CatchResponseError('not added')");
    CHECK(sample.method == "POST");
    CHECK(sample.length == 54);
    co_await s.user.client.get("/status/500", {.catch_response = true});
    CHECK(s.recorded().error == "HTTPError('500 Server Error: Internal Server Error for url: /status/500')");
  }(shard));
}

TEST_CASE_TEMPLATE("what a listener throws comes out where its own request is awaited", Shard, KATYDID_SHARDS) {
  struct Steering final : Recorder {
    void record(const Sample& sample) override {
      ++recorded;
      if (sample.error.empty()) return;
      user->thrown = std::make_exception_ptr(std::runtime_error("steered"));
    }
    void cut_off(std::string_view, std::string_view) override {}
    Context* user = nullptr;
    int recorded = 0;
  } steering;
  Shard shard(test_target().url());
  typename Shard::User user(shard.loop, steering, shard.engine, {.base_url = test_target().url()});
  steering.user = &user;
  auto work = [](typename Shard::User& steered, const int& recorded) -> task<int> {
    int thrown = 0;
    try {
      co_await steered.client.get("/status/404");
    } catch (const std::runtime_error&) {
      ++thrown;
    }
    { auto judged = co_await steered.client.get("/status/404", {.catch_response = true}); }
    CHECK(recorded == 2);
    try {  // nothing could be thrown as the response went, so it comes now, and nothing is sent
      co_await steered.client.get("/hello");
    } catch (const std::runtime_error&) {
      ++thrown;
    }
    CHECK(recorded == 2);
    auto after = co_await steered.client.get("/hello");
    CHECK(after.ok());
    co_return thrown;
  }(user, steering.recorded);
  work.start(user);
  shard.turn_until([&] { return work.done(); });
  CHECK(work.result() == 2);
}

TEST_CASE_TEMPLATE("connections are kept between requests and never shared between users", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  for (int i = 0; i < 5; ++i) get(shard, "/hello");
  CHECK(target.counts().connections == 1);
  typename Shard::User other(shard.loop, shard.recorder, shard.engine, {.base_url = target.url()});
  auto alone = awaiting(other.client, [](auto& client) { return client.get("/hello"); });
  alone.start(other);
  shard.turn_until([&] { return alone.done(); });
  CHECK(target.counts().connections == 2);
}
