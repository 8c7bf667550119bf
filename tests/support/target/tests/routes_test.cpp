#include "tests/support/target/pattern.hpp"
#include "tests/support/target/target.hpp"
#include "tests/support/target/tests/raw_client.hpp"
#include "tests/support/target/text.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <sstream>

namespace katydid::target {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Json = nlohmann::json;

struct Fixture {
  Target target;
  RawClient client{target.port()};
};

std::string pattern(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += pattern_period;
  bytes.resize(size);
  return bytes;
}

std::string inflated(const std::string& packed, int window_bits) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, window_bits) == Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<unsigned>(packed.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string chunked(std::string_view body, std::size_t size) {
  std::string bytes;
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    const auto piece = body.substr(0, size);
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx", piece.size());
    bytes.append(digits).append(";x=y\r\n").append(piece).append("\r\n");
  }
  return bytes + "0\r\nTrailer: x\r\n\r\n";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "/echo says exactly what came") {
  client.send(
      "PATCH /echo?a=%20b HTTP/1.1\r\nhost: x\r\nX-B: 2\r\nX-A: 1\r\nX-B: 3\r\nContent-Length: 5\r\n\r\nh\xC3\xA9l\n");
  auto json = Json::parse(client.read_answer().body);
  CHECK(json["method"] == "PATCH");
  CHECK(json["target"] == "/echo?a=%20b");
  CHECK(json["path"] == "/echo");
  CHECK(json["query"] == "a=%20b");
  CHECK(json["version"] == "1.1");
  CHECK(json["scheme"] == "http");
  CHECK(json["headers"] == Json::parse(R"([["host","x"],["X-B","2"],["X-A","1"],["X-B","3"],["Content-Length","5"]])"));
  CHECK(json["body_encoding"] == "text");
  CHECK(json["body"] == "h\xC3\xA9l\n");

  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\xFF\x01\x02");
  json = Json::parse(client.read_answer().body);
  CHECK(json["body_encoding"] == "base64");
  CHECK(json["body"] == "/wEC");

  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello, chunks", 3));
  CHECK(Json::parse(client.read_answer().body)["body"] == "hello, chunks");
}

TEST_CASE_FIXTURE(Fixture, "/upload hashes what it gets") {
  const auto upload = [&](const std::string& body, const std::string& header, const std::string& encoded) {
    client.send("PUT /upload HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n" + encoded);
    CHECK(Json::parse(client.read_answer().body) == Json{{"bytes", body.size()}, {"sha256", digest("SHA256", body)}});
  };
  const auto large = pattern(3'000'001), small = pattern(50'001);
  upload(large, "Content-Length: 3000001", large);
  upload(large, "Transfer-Encoding: chunked", chunked(large, 70'000));
  upload(small, "Transfer-Encoding: chunked", chunked(small, 7));
  upload("", "Content-Length: 0", "");
  CHECK(target.counts().connections == 1);
}

TEST_CASE_FIXTURE(Fixture, "a body nobody wants is read all the same") {
  const auto body = pattern(200'000);
  client.send("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + body);
  CHECK(client.read_answer().status == 200);
  CHECK(client.fetch("/hello").status == 200);
}

TEST_CASE_FIXTURE(Fixture, "a body whose chunks are none ends the connection uncompleted") {
  client.send("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n");
  CHECK(client.read_all().empty());
  CHECK(target.counts().aborted == 1);
}

TEST_CASE_FIXTURE(Fixture, "/bytes and HEAD") {
  for (const std::size_t size : {0UL, 1UL, 65'536UL, 65'537UL, 1'000'000UL}) {
    const auto answer = client.fetch("/bytes/" + std::to_string(size));
    REQUIRE(answer.body == pattern(size));
  }
  for (const auto* path : {"/bytes/1000000", "/hello", "/gzip/1000", "/chunked/100", "/slow-body", "/status/404"}) {
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.read_answer(true);
    CHECK_MESSAGE((head.status == 200 || head.status == 404), path);
  }
  CHECK(client.fetch("/hello").status == 200);  // no stray bytes of a body between
}

TEST_CASE_FIXTURE(Fixture, "/chunked") {
  client.get("/chunked/10?chunk=4", "Connection: close\r\n");
  auto answer = client.read_all();
  CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == "4\r\nabcd\r\n4\r\nefgh\r\n2\r\nij\r\n0\r\n\r\n");

  RawClient second(target.port());
  second.get("/chunked/17?chunk=17&trailers=1&extension=1", "Connection: close\r\n");
  answer = second.read_all();
  const std::string extension = ";name=\"a value; quoted\"\r\n";
  CHECK(answer.find("Trailer: X-Checksum\r\n") != std::string::npos);
  CHECK(answer.substr(answer.find("\r\n\r\n") + 4) ==
        "11" + extension + "abcdefghijklmnopq\r\n0" + extension + "X-Checksum: 42\r\nX-Late: yes\r\n\r\n");

  RawClient old(target.port());
  old.send("GET /chunked/100 HTTP/1.0\r\n\r\n");
  answer = old.read_all();
  CHECK(answer.find("chunked") == std::string::npos);
  CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == pattern(100));
}

TEST_CASE_FIXTURE(Fixture, "/gzip and /deflate") {
  for (int twice = 0; twice < 2; ++twice) {
    const auto gzip = client.fetch("/gzip/100000");
    CHECK(gzip.header("Content-Encoding") == "gzip");
    CHECK(inflated(gzip.body, 15 + 16) == pattern(100'000));
    const auto deflate = client.fetch("/deflate/1000");
    CHECK(deflate.header("Content-Encoding") == "deflate");
    CHECK(inflated(deflate.body, 15) == pattern(1000));
    CHECK(inflated(client.fetch("/deflate/1000?raw=1").body, -15) == pattern(1000));
    CHECK(inflated(client.fetch("/gzip/0").body, 15 + 16).empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "/delay answers when it says, not before and hardly after") {
  for (const double ms : {0.0, 0.2, 5.0, 40.0}) {
    auto best = steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {  // the machine may be busy: the best of five tells what the timer does
      const auto before = steady_clock::now();
      CHECK(client.fetch("/delay/" + std::to_string(ms)).status == 200);
      const auto took = steady_clock::now() - before;
      CHECK(took >= std::chrono::duration<double, std::milli>(ms - 0.002));  // timers count whole microseconds
      best = std::min(best, took);
    }
    CHECK(best < std::chrono::duration<double, std::milli>(ms + 5));
  }
}

TEST_CASE_FIXTURE(Fixture, "/delay is exact on request, and says how long it was") {
  for (const double ms : {0.0, 0.2, 1.0, 20.0}) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
      const auto before = steady_clock::now();
      const auto answer = client.fetch("/delay/" + std::to_string(ms) + "?exact=1");
      const std::chrono::duration<double, std::milli> took = steady_clock::now() - before;
      const double said = std::stod(std::string(answer.header("X-Delayed")));
      CHECK(said >= ms);
      CHECK(said <= took.count());
      best = std::min(best, said);
    }
    CHECK(best < ms + 1);
  }
  CHECK(client.fetch("/delay/1").header("X-Delayed") >= "1.0");
}

TEST_CASE_FIXTURE(Fixture, "/events are late by what they say") {
  const auto start = steady_clock::now();
  const auto answer = client.fetch("/events?count=3&first_ms=20&interval_ms=5");
  CHECK(steady_clock::now() - start >= milliseconds(35));
  CHECK(std::stod(answer.header("X-Delayed")) >= 20);
  std::istringstream lines(answer.body);
  std::string word;
  for (const double due : {25.0, 30.0, 35.0}) {
    double said = 0;
    REQUIRE(static_cast<bool>(lines >> word >> said));
    CHECK(word == "data:");
    CHECK(said >= due);
  }
  CHECK_FALSE(static_cast<bool>(lines >> word));
  CHECK(client.fetch("/events?count=0&first_ms=0").body.empty());
}

TEST_CASE_FIXTURE(Fixture, "/slow-body drips") {
  const auto before = steady_clock::now();
  CHECK(client.fetch("/slow-body?bytes=10&chunk=4&interval_ms=20").body == pattern(10));
  CHECK(steady_clock::now() - before >= milliseconds(59));
  CHECK(client.fetch("/slow-body?bytes=0").body.empty());
}

TEST_CASE_FIXTURE(Fixture, "/status") {
  CHECK(client.fetch("/status/418").body == "I'm a teapot");
  for (const int status : {204, 304}) {
    const auto answer = client.fetch("/status/" + std::to_string(status));
    CHECK(answer.status == status);
    CHECK(answer.header("Content-Length").empty());
  }
  CHECK(client.fetch("/status/205").header("Content-Length") == "0");
  CHECK(client.fetch("/status/100").status == 400);
  const auto nonsense = client.fetch("/status/abc");
  CHECK(nonsense.status == 400);
  CHECK(nonsense.body == "/status/CODE wants a number from 0 to 999, got 'abc'");
}

TEST_CASE_FIXTURE(Fixture, "/fail spreads its failures evenly and the same way every time") {
  std::string seen;
  for (int i = 0; i < 12; ++i) seen += client.fetch("/fail?rate=0.25").status == 500 ? 'x' : '.';
  CHECK(seen == "...x...x...x");
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += client.fetch("/fail?rate=0.1&status=503").status == 503;
  CHECK(failed == 100);
  CHECK(target.counts().failed == 103);
  CHECK(client.fetch("/fail").status == 500);
  CHECK(client.fetch("/fail?rate=0").status == 200);
  CHECK(client.fetch("/fail?rate=2").status == 400);
}

TEST_CASE_FIXTURE(Fixture, "redirects") {
  CHECK(client.fetch("/redirect/2?status=307").header("Location") == "/redirect/1?status=307");
  CHECK(client.fetch("/redirect/1").header("Location") == "/hello");
  CHECK(client.fetch("/redirect/1?absolute=1").header("Location") == "http://test/hello");
  CHECK(client.fetch("/redirect-loop").header("Location") == "/redirect-loop");
  const auto to = client.fetch("/redirect-to?url=http%3A%2F%2Fother%2F%3Fa%3D1&status=308");
  CHECK(to.status == 308);
  CHECK(to.header("Location") == "http://other/?a=1");
  CHECK(client.fetch("/redirect-to?url=a%0d%0ab").status == 400);
}

TEST_CASE_FIXTURE(Fixture, "cookies") {
  const auto set =
      client.fetch("/cookies/set?a=1&b=&Path=/x&Max-Age=0&Secure&HttpOnly&Expires=Thu,+01+Jan+1970+00:00:00+GMT");
  const std::string attributes = "; Path=/x; Max-Age=0; Secure; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n";
  CHECK(set.head.find("Set-Cookie: a=1" + attributes) != std::string::npos);
  CHECK(set.head.find("Set-Cookie: b=" + attributes) != std::string::npos);
  client.get("/cookies", "Cookie: a=1; b=\r\nCookie: c=x=y\r\n");
  CHECK(Json::parse(client.read_answer().body)["cookies"] == Json::parse(R"([["a","1"],["b",""],["c","x=y"]])"));
}

TEST_CASE_FIXTURE(Fixture, "100 Continue comes when it is asked for, and only then") {
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_answer().status == 100);
  client.send("hi");
  CHECK(Json::parse(client.read_answer().body)["body"] == "hi");
  client.send("POST /continue HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi");
  CHECK(client.read_answer().status == 200);  // the body is here already
  client.send("POST /continue?status=417 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = client.read_answer();
  CHECK(refused.status == 417);
  CHECK(refused.header("Connection") == "close");
}

TEST_CASE_FIXTURE(Fixture, "/early-hints") {
  client.get("/early-hints");
  CHECK(client.read_answer().status == 103);
  CHECK(client.read_answer().status == 200);
}

TEST_CASE_FIXTURE(Fixture, "HTTP/1.0 and Connection: close") {
  client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.read_answer().header("Connection") == "keep-alive");
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(client.read_answer().header("Connection") == "close");
  CHECK(client.read_all().empty());
  RawClient second(target.port());
  second.get("/hello", "Connection: close\r\n");
  CHECK(second.read_answer().header("Connection") == "close");
  CHECK(second.read_all().empty());
}

TEST_CASE_FIXTURE(Fixture, "/ lists all paths") {
  const auto json = Json::parse(client.fetch("/").body);
  CHECK(json["ok"] == true);
  CHECK(json["paths"].size() > 30);
  CHECK(json["paths"].contains("/delay/MS?exact=0"));
}

}  // namespace katydid::target
