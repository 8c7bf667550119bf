#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

using namespace katydid;
using namespace std::chrono_literals;

namespace {

std::string redirect_to(std::string_view url, int status) {
  return "/redirect-to?status=" + std::to_string(status) + "&url=" + percent_encoded(url);
}

}  // namespace

TEST_CASE_TEMPLATE("redirects are followed and recorded as one request, under its first path", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::string path : {"/redirect/3", "/redirect/3?absolute=1", "/redirect/3?status=308"}) {
    const auto response = get(shard, path);
    CHECK(response.status() == 200);
    CHECK(response.redirects() == 3);
    CHECK(response.url() == test_target().url("/hello"));
    CHECK(response.body().size() == 54);
    CHECK(response.header("Location").empty());
    CHECK(shard.recorded().name == path);
  }
}

TEST_CASE_TEMPLATE("redirects may be left alone", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto response = ask(shard, [](auto& c) { return c.get("/redirect/1", {.allow_redirects = false}); });
  CHECK(response.status() == 302);
  CHECK(response.ok());
  CHECK(response.redirects() == 0);
  CHECK(response.header("location") == "/hello");
}

TEST_CASE_TEMPLATE("methods and bodies change with a redirect as requests changes them", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  struct Row {
    int status;
    std::string_view method, then, body;
  };
  for (const Row& row :
       {Row{301, "POST", "GET", ""}, Row{302, "POST", "GET", ""}, Row{303, "POST", "GET", ""},
        Row{307, "POST", "POST", "x=1"}, Row{308, "POST", "POST", "x=1"}, Row{301, "PUT", "PUT", "x=1"},
        Row{302, "PUT", "GET", ""}, Row{303, "DELETE", "GET", ""}, Row{308, "PATCH", "PATCH", "x=1"}}) {
    CAPTURE(row.status);
    CAPTURE(row.method);
    const auto response = ask(shard, [&](auto& client) {
      return client.request(row.method, redirect_to("/echo", row.status), Form{{"x", "1"}},
                            {.headers = {{"X-Kept", "1"}}});
    });
    const auto echo = response.json();
    CHECK(echo["method"].as_string() == row.then);
    CHECK(echo["body"].as_string() == row.body);
    CHECK(echoed(echo, "X-Kept") == "1");
    CHECK(echoed(echo, "Content-Type") == (row.body.empty() ? "" : "application/x-www-form-urlencoded"));
    CHECK(echoed(echo, "Content-Length") == (row.body.empty() ? "" : "3"));
    CHECK(shard.recorded().method == row.method);
  }
  const auto head = ask(shard, [](auto& client) { return client.head(redirect_to("/hello", 303)); });
  CHECK(head.status() == 200);
  CHECK(head.body().empty());
  CHECK(get(shard, "/echo").json()["method"].as_string() == "GET");
}

TEST_CASE_TEMPLATE("too many redirects are an error that says how many", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  auto response = get(shard, "/redirect-loop");
  CHECK(response.status() == 0);
  CHECK(response.error() == "TooManyRedirects: Exceeded 30 redirects.");
  CHECK(shard.recorded().error == response.error());
  shard.user.client.options().max_redirects = 2;
  CHECK(get(shard, "/redirect/2").ok());
  CHECK(get(shard, "/redirect/3").error() == "TooManyRedirects: Exceeded 2 redirects.");
}

TEST_CASE_TEMPLATE("a redirect to what is no web address is an error", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(get(shard, redirect_to("ftp://host/file", 302)).error() ==
        "InvalidSchema: redirected to what is neither http nor https: ftp");
  CHECK(get(shard, redirect_to("mailto:ann@host", 302)).error() ==
        "InvalidSchema: redirected to what is neither http nor https: mailto");
  CHECK(get(shard, redirect_to("http://host:99999/", 302)).error().starts_with("InvalidURL: "));
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("odd targets of redirects are quoted, their fragment stays here", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(get(shard, redirect_to("/echo?a\"b#part", 302)).json()["target"].as_string() == "/echo?a%22b");
}

TEST_CASE_TEMPLATE("cookies of a redirect are sent to where it leads", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  RawServer login([&](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 303 See Other\r\nSet-Cookie: session=1; Path=/\r\nLocation: " +
                             test_target().url("/cookies") + "\r\nContent-Length: 0\r\n\r\n");
    RawServer::wait_for_close(fd);
  });
  const auto response = ask(shard, [&](auto& client) { return client.post(login.url("/login"), "x"); });
  CHECK(response.json().dump() == R"({"cookies":[["session","1"]]})");
}

TEST_CASE_TEMPLATE("credentials and cookies of a request are not sent to another host", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto asked = [](std::string_view path) {
    return [path = std::string(path)](auto& client) {
      return client.get(path, {.headers = {{"X-Kept", "1"}}, .cookies = {{"c", "1"}}, .auth = {"ann", "secret"}});
    };
  };
  auto echo = ask(shard, asked(redirect_to("/echo", 302))).json();
  CHECK(echoed(echo, "Authorization") == "Basic YW5uOnNlY3JldA==");
  CHECK(echoed(echo, "Cookie") == "c=1");
  target::Target other;
  echo = ask(shard, asked(redirect_to(other.url("/echo"), 302))).json();
  CHECK(echoed(echo, "X-Kept") == "1");
  CHECK(echoed(echo, "Authorization").empty());
  CHECK(echoed(echo, "Cookie").empty());
  echo = ask(shard, [&](auto& client) {
           return client.get(redirect_to(other.url("/echo"), 302), {.headers = {{"authorization", "Bearer x"}}});
         }).json();
  CHECK(echoed(echo, "authorization").empty());
}

TEST_CASE_TEMPLATE("the time limit is for all of the redirects together", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto response =
      ask(shard, [&](auto& client) { return client.get(redirect_to("/delay/5000", 302), {.timeout = 150ms}); });
  CHECK(response.error() == "Timeout: no complete answer within 150 ms");
  CHECK(shard.recorded().response_time < 2s);
}

TEST_CASE_TEMPLATE("a connection that turns out to be gone is tried again at each step", Shard, KATYDID_FAST_SHARDS) {
  RawServer server([](int fd) {  // answers once, and closes when it is asked again
    const auto head = RawServer::read_head(fd);
    const std::string moved = head.find("/moved") == head.npos ? "200 OK\r\n" : "302 Found\r\nLocation: /there\r\n";
    RawServer::write(fd, "HTTP/1.1 " + moved + "Content-Length: 0\r\n\r\n");
    RawServer::read_head(fd);
  });
  Shard shard(server.url());
  CHECK(get(shard, "/").status() == 200);
  const auto response = get(shard, "/moved");
  CHECK(response.error().empty());
  CHECK(response.redirects() == 1);
  CHECK(shard.recorder.samples.size() == 2);
}
