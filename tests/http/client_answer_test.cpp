// What servers answer that is not by the book, and what both clients make of it.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace katydid;

namespace {

/// Gives the same answer to each request, all that it was made with.
RawServer answering(std::string answer) {
  return RawServer([answer = std::move(answer)](int fd) {
    while (!RawServer::read_head(fd).empty()) RawServer::write(fd, answer);
  });
}

std::string encoded(std::string_view encoding, std::string_view body) {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Encoding: ";
  answer.append(encoding).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return answer.append(body);
}

}  // namespace

TEST_CASE_TEMPLATE("with a Content-Encoding that nobody knows the body stays as it is", Shard, KATYDID_SHARDS) {
  for (const std::string_view encoding :
       {"none", "UTF-8", "aws-chunked", "identity", "compress", "zstd", "gzip, none", "binary, gzip", ""}) {
    CAPTURE(encoding);
    const RawServer server = answering(encoded(encoding, "ok"));
    Shard shard(server.url());
    for (int i = 0; i < 2; ++i) {
      const auto response = get(shard, "/");
      CHECK(response.status() == 200);
      CHECK(response.error().empty());
      CHECK(response.body() == "ok");
      CHECK(response.header("Content-Encoding") == encoding);
      CHECK(shard.recorded().length == 2);
    }
  }
}

TEST_CASE_TEMPLATE("a status stays what it is when the Content-Encoding is not known", Shard, KATYDID_SHARDS) {
  const RawServer server = answering("HTTP/1.1 404 Not Found\r\ncontent-encoding: none\r\nContent-Length: 2\r\n\r\nno");
  Shard shard(server.url());
  const auto response = get(shard, "/x");
  CHECK(response.status() == 404);
  CHECK(response.error() == "HTTPError('404 Client Error: Not Found for url: /x')");
  CHECK(response.body() == "no");
}

TEST_CASE_TEMPLATE("a body that is not what its Content-Encoding says is a failure that names the encoding", Shard,
                   KATYDID_SHARDS) {
  const std::string_view gzip_header("\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
  const auto error_of = [](std::string_view encoding, std::string_view body) {
    const RawServer server = answering(encoded(encoding, body));
    Shard shard(server.url());
    const auto response = get(shard, "/");
    CHECK(response.status() == 0);
    CHECK(shard.recorded().error == response.error());
    return response.error();
  };
  CHECK(error_of("gzip", "<html>") ==
        "ContentDecodingError: the body is not what its Content-Encoding says, gzip: incorrect header check");
  CHECK(error_of("gzip", gzip_header) == "ContentDecodingError: the body ends in the middle of its gzip data");
  CHECK(error_of("deflate", "<html>")
            .starts_with("ContentDecodingError: the body is not what its Content-Encoding says, deflate: "));
  CHECK(error_of("gzip, gzip, gzip, gzip, gzip, gzip", "x") ==
        "ContentDecodingError: more than 5 encodings one upon another");
}

TEST_CASE_TEMPLATE("a strict client refuses what geventhttpclient refuses", Shard, KATYDID_FAST_SHARDS) {
  const auto error_of = [](const std::string& answer) {
    const RawServer server = answering(answer);
    Shard shard(ClientOptions{.base_url = server.url(), .strict = true});
    return get(shard, "/").error();
  };
  CHECK(error_of(encoded("Odd", "ok")) == "UnknownEncoding: Odd");
  CHECK(error_of(encoded("identity", "ok")).empty());
  CHECK(error_of("HTTP/1.1 200 OK\nContent-Length: 2\n\nok") ==
        "ProtocolError: a line of the head does not end in CRLF: 'HTTP/1.1 200 OK'");
  CHECK(error_of("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok") ==
        "ProtocolError: a header goes on in a line where it must not: ' b'");
  for (const std::string fields : {"Content-Length: 2, 2", "Content-Length: 2\r\nContent-Length: 2"}) {
    CHECK(error_of("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\nok")
              .starts_with("ProtocolError: the Content-Length makes no sense: "));
  }

  const RawServer redirecting =
      answering("HTTP/1.1 302 Found\r\nContent-Encoding: odd\r\nLocation: " + test_target().url("/hello") +
                "\r\nContent-Length: 2\r\n\r\nno");
  Shard shard(ClientOptions{.strict = true});
  CHECK(get(shard, redirecting.url("/")).body().size() == 54);
}

TEST_CASE_TEMPLATE("heads are taken that are not quite right and can be read in one way only", Shard, KATYDID_SHARDS) {
  for (const std::string head : {
           "HTTP/1.1 200 OK\nX: a b\nContent-Length: 2\n\n",
           "HTTP/1.1 200 OK\r\nX: a b\nContent-Length: 2\r\n\n",
           "HTTP/1.1 200 OK\r\nX: a b\r\nContent-Length: 2, 2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nX: a b\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n",
           "HTTP/1.1 200 OK\nX: a \n \t \n\tb\nContent-Length: 2\n\n",
           "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nX:\n a b\nContent-Length: 2\n\n",
       }) {
    CAPTURE(head);
    const RawServer server = answering(head + "ok");
    Shard shard(server.url());
    for (int i = 0; i < 2; ++i) {
      const auto response = get(shard, "/");
      CHECK(response.status() == 200);
      CHECK(response.error().empty());
      CHECK(response.body() == "ok");
      CHECK(response.header("X") == "a b");
    }
  }
}

TEST_CASE_TEMPLATE("heads that say two things about the body's length are refused", Shard, KATYDID_FAST_SHARDS) {
  for (const std::string fields :
       {"Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 3", "Content-Length: 2\nContent-Length: 3",
        "Content-Length: 2\r\n , 3", "Transfer-Encoding: chunked\nContent-Length: 2"}) {
    CAPTURE(fields);
    const RawServer server = answering("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\nok");
    Shard shard(server.url());
    CHECK(get(shard, "/").error().starts_with("ProtocolError: "));
  }
}

TEST_CASE_TEMPLATE("a body without a length ends with its connection", Shard, KATYDID_SHARDS) {
  for (const std::string head : {"HTTP/1.0 200 OK\r\nX: y\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\n\n",
                                 "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"}) {
    CAPTURE(head);
    const RawServer server([&](int fd) {
      RawServer::read_head(fd);
      RawServer::write(fd, head + "all of it");
    });
    Shard shard(server.url());
    for (int i = 0; i < 2; ++i) {
      const auto response = get(shard, "/");
      CHECK(response.status() == 200);
      CHECK(response.body() == "all of it");
    }
  }
}
