// Checksums of bodies, kept and not kept.
#include "base/digest.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/nghttpx.hpp"
#include "tests/support/raw_server.hpp"

#include <string>
#include <string_view>

using namespace katydid;

namespace {

template <class Shard>
Response summed(Shard& shard, std::string_view path, bool discards, std::string_view kind = "sha256") {
  return ask(shard, [&](auto& client) { return client.get(path, {.discard_body = discards, .checksum = kind}); });
}

std::string sha256_of(std::string_view text) { return Digest().add_bytes(text).hex(); }

/// Answers each request with that.
struct Answers {
  explicit Answers(std::string answer)
      : server([answer = std::move(answer)](int fd) {
          while (!RawServer::read_head(fd).empty()) RawServer::write(fd, answer);
        }) {}
  RawServer server;
};

std::string answer_of(std::string_view body, std::string_view headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

TEST_CASE_TEMPLATE("a checksum is that of the body, whether it is kept or not", Shard, KATYDID_SHARDS) {
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    target::Target target({.tls = target::TlsOptions{}});
    Shard shard(ClientOptions{.base_url = secure ? target.tls_url() : target.url(), .verify = false});
    for (const std::string_view path : {"/bytes/", "/chunked/", "/gzip/", "/deflate/"}) {
      for (const int size : {0, 1, 4096, 65'537, 3'000'000}) {
        CAPTURE(path);
        CAPTURE(size);
        const auto url = std::string(path) + std::to_string(size);
        const auto kept = summed(shard, url, false);
        CHECK(std::cmp_equal(kept.body().size(), size));
        CHECK(kept.checksum() == sha256_of(kept.body()));
        const auto dropped = summed(shard, url, true);
        CHECK(dropped.ok());
        CHECK(dropped.body().empty());
        CHECK(dropped.checksum() == kept.checksum());
        // Of bytes as they were sent.
        const auto sent = std::string(dropped.header("Content-Length"));
        CHECK(std::to_string(dropped.length()) == (sent.empty() ? std::to_string(size) : sent));
      }
    }
    CHECK(target.counts().connections == 1);
  }
}

TEST_CASE_TEMPLATE("checksums are as other programs have them", Shard, KATYDID_SHARDS) {
  const Answers answers(answer_of("123456789"));
  Shard shard(answers.server.url());
  for (const bool discards : {false, true}) {
    CHECK(summed(shard, "/", discards, "crc32").checksum() == "cbf43926");
    CHECK(summed(shard, "/", discards, "md5").checksum() == "25f9e794323b453885f5181f1b624d0b");
    CHECK(summed(shard, "/", discards, "sha1").checksum() == "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    CHECK(summed(shard, "/", discards, "SHA256").checksum() ==
          "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  }
  CHECK(get(shard, "/").checksum().empty());
  CHECK(summed(shard, "/", true, "sha265").error() ==
        "InvalidRequest: there is no checksum \"sha265\": there is crc32, and what OpenSSL has, like md5, sha1 and "
        "sha256");
  CHECK(summed(shard, "/", true).ok());
}

TEST_CASE_TEMPLATE("a checksum is of the last answer's body alone", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto hello = sha256_of(get(shard, "/hello").body());
  for (const bool discards : {false, true}) {
    CHECK(summed(shard, "/redirect/2", discards).checksum() == hello);
    const auto digest = ask(shard, [&](auto& client) {
      return client.get("/digest-auth/ann/secret",
                        {.digest = {"ann", "secret"}, .discard_body = discards, .checksum = "sha256"});
    });
    const auto plain = ask(shard, [](auto& client) {
      return client.get("/digest-auth/ann/secret", {.digest = {"ann", "secret"}});
    });
    CHECK(digest.checksum() == sha256_of(plain.body()));
    CHECK(summed(shard, "/status/500", discards).checksum() == sha256_of(get(shard, "/status/500").body()));
  }
}

TEST_CASE_TEMPLATE("a body that breaks off, or can't be decoded, has no checksum", Shard, KATYDID_SHARDS) {
  const RawServer breaks_off([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
  });
  const Answers damaged(answer_of("this is no gzip", "Content-Encoding: gzip\r\n"));
  const Answers cut(answer_of(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10), "Content-Encoding: gzip\r\n"));
  const Answers own(answer_of("text", "Content-Encoding: aws-chunked\r\n"));
  for (const bool discards : {false, true}) {
    CAPTURE(discards);
    Shard shard(breaks_off.url());
    const auto broken = summed(shard, "/", discards);
    CHECK(broken.error().starts_with("IncompleteRead"));
    CHECK(broken.checksum().empty());
    CHECK(broken.length() == 0);
    for (const Answers* const answers : {&damaged, &cut}) {
      Shard other(answers->server.url());
      const auto response = summed(other, "/", discards);
      CHECK(response.error().starts_with("ContentDecodingError"));
      CHECK(response.checksum().empty());
    }
    Shard unknown(own.server.url());
    CHECK(summed(unknown, "/", discards).checksum() == sha256_of("text"));
  }
}

TEST_CASE_TEMPLATE("a body that is not kept may be larger than what may be, and a bomb may not", Shard,
                   KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .max_body = 10'000});
  Shard other(test_target().url());
  CHECK(summed(shard, "/bytes/300000", true).checksum() == summed(other, "/bytes/300000", false).checksum());
  CHECK(summed(shard, "/bytes/300000", false).error().starts_with("BodyTooLarge"));
  CHECK(summed(shard, "/gzip/300000", true).error().starts_with("BodyTooLarge"));
}

TEST_CASE_TEMPLATE("checksums over HTTP/2", Shard, KATYDID_SHARDS) {
  if (!Nghttpx::is_installed()) {
    MESSAGE("nghttpx is not installed; tools/setup --tests");
    return;
  }
  target::Target target({.threads = 1});
  const Nghttpx proxy(target.port());
  Shard shard(ClientOptions{.base_url = proxy.url(), .http_version = HttpVersion::http2});
  Shard direct(target.url());
  for (const bool discards : {false, true}) {
    for (const std::string_view path : {"/bytes/0", "/bytes/300000", "/chunked/300000", "/gzip/300000"}) {
      CAPTURE(path);
      CHECK(summed(shard, path, discards).checksum() == sha256_of(get(direct, path).body()));
    }
  }
}
