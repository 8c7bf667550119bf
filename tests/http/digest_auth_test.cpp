#include "http/digest_auth.hpp"

#include <doctest/doctest.h>

using namespace katydid;

namespace {

std::optional<DigestChallenge> challenge(const std::string& value) {
  return digest_challenge("Server: x\r\nWWW-Authenticate: " + value + "\r\nX-Last: y\r\n");
}

std::string answer(const std::string& value, const DigestRequest& request) {
  return digest_authorization(challenge(value).value(), request);
}

}  // namespace

TEST_CASE("RFC 7616's examples") {
  const std::string rest =
      "qop=\"auth, auth-int\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  const DigestRequest request{.user = "Mufasa",
                              .password = "Circle of Life",
                              .method = "GET",
                              .target = "/dir/index.html",
                              .client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
  CHECK(answer("Digest realm=\"http-auth@example.org\", algorithm=MD5, " + rest, request) ==
        "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
        "response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", "
        "algorithm=MD5, qop=auth, nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"");
  CHECK(answer("Digest realm=\"http-auth@example.org\", algorithm=SHA-256, " + rest, request)
            .find("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"") !=
        std::string::npos);
}

TEST_CASE("a server may name no qop and no algorithm") {
  const DigestRequest request{.user = "Mufasa",
                              .password = "Circle Of Life",
                              .method = "GET",
                              .target = "/dir/index.html",
                              .client_nonce = "0a4f113b"};
  CHECK(answer("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", request) ==
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
        "uri=\"/dir/index.html\", response=\"670fd8c2df070c60b045671b8b24ff02\"");
}

TEST_CASE("the strongest challenge of several is answered") {
  const auto both = digest_challenge(
      "WWW-Authenticate: Digest realm=a, nonce=1, algorithm=MD5\r\n"
      "WWW-Authenticate: Basic realm=\"b, c\", dIGEST nonce=2,realm = \"d \\\"e\\\"\" , "
      "algorithm=sha-256-sess, qop=\"auth-int,auth\", Bearer\r\n");
  REQUIRE(both);
  CHECK(both->algorithm == DigestChallenge::Algorithm::sha256);
  CHECK(both->of_session);
  CHECK(both->has_qop);
  CHECK(both->realm == "d \"e\"");
  CHECK(both->nonce == "2");
}

TEST_CASE("what can't be answered is left out") {
  for (const char* value : {"Basic realm=a", "Digest", "Digest realm=a", "Digest nonce=1", "Digest realm=a, nonce=\"\"",
                            "Digest realm=a, nonce=1, algorithm=SHA-512-256", "Digest realm=a, nonce=1, qop=auth-int",
                            "Digest realm=a, nonce=1, qop=\"\"", "Negotiate abc==, Digest",
                            "Digest realm=a, nonce=\"1\x01\"", "", ",,", "="}) {
    CAPTURE(value);
    CHECK_FALSE(challenge(value));
  }
  CHECK_FALSE(digest_challenge(""));
  CHECK(challenge("Basic realm=a, Digest realm=\"\", nonce=1, qop=auth")->realm.empty());
}

TEST_CASE("a challenge is answered once for each URL") {
  DigestLogin login("ann", "secret");
  const std::string headers = "WWW-Authenticate: Digest realm=a, nonce=1, qop=auth\r\n";
  CHECK(login.answer(200, headers, "GET", "/").empty());
  CHECK(login.answer(401, "", "GET", "/").empty());
  CHECK_FALSE(login.answered());
  CHECK(login.answer(401, headers, "GET", "/").starts_with("Digest username=\"ann\""));
  CHECK(login.answered());
  CHECK(login.answer(401, headers, "GET", "/").empty());
  login.start_again();
  CHECK(!login.answer(401, headers, "GET", "/").empty());
  CHECK(new_client_nonce() != new_client_nonce());
}
