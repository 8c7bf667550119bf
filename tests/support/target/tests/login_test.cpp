#include "tests/support/target/target.hpp"
#include "tests/support/target/tests/raw_client.hpp"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <memory>

namespace katydid::target {
namespace {

/// Status of a request that libcurl makes, and how many requests it took.
struct Login {
  explicit Login(Target& its_target) : target(its_target) {}

  long get(const std::string& path, long method, const char* user_and_password) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    const auto discard = [](char*, size_t size, size_t count, void*) { return size * count; };
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, static_cast<curl_write_callback>(discard));
    curl_easy_setopt(curl.get(), CURLOPT_URL, target.url(path).c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, method);
    curl_easy_setopt(curl.get(), method == CURLAUTH_BEARER ? CURLOPT_XOAUTH2_BEARER : CURLOPT_USERPWD,
                     user_and_password);
    target.reset_counts();
    REQUIRE(curl_easy_perform(curl.get()) == CURLE_OK);
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    requests = target.counts().completed;
    return status;
  }

  Target& target;
  std::uint64_t requests = 0;
};

}  // namespace

TEST_CASE("logins") {
  Target target;
  Login login(target);
  CHECK(login.get("/basic-auth/ann/s%3Acret", CURLAUTH_BASIC, "ann:s:cret") == 200);
  CHECK(login.get("/basic-auth/ann/secret", CURLAUTH_BASIC, "ann:wrong") == 401);
  CHECK(login.get("/bearer/abc", CURLAUTH_BEARER, "abc") == 200);
  CHECK(login.get("/bearer/abc", CURLAUTH_BEARER, "abd") == 401);
  for (const auto* algorithm : {"MD5", "SHA-256"}) {
    const auto path = std::string("/digest-auth/ann/se%20cret?algorithm=") + algorithm;
    CHECK(login.get(path, CURLAUTH_DIGEST, "ann:se cret") == 200);
    CHECK(login.requests == 2);  // a challenge first
    CHECK(login.get(path, CURLAUTH_DIGEST, "ann:wrong") == 401);
    CHECK(login.get(path, CURLAUTH_DIGEST, "bob:se cret") == 401);
  }
}

TEST_CASE("a login without credentials is challenged") {
  Target target;
  RawClient client(target.port());
  CHECK(client.fetch("/basic-auth/a/b").header("WWW-Authenticate") == "Basic realm=\"katydid\", charset=\"UTF-8\"");
  const auto first = client.fetch("/digest-auth/a/b").header("WWW-Authenticate");
  CHECK(first.starts_with("Digest realm=\"katydid\", qop=\"auth\", algorithm=MD5, nonce=\""));
  CHECK(first != client.fetch("/digest-auth/a/b").header("WWW-Authenticate"));
  CHECK(client.fetch("/basic-auth/a").status == 400);
  CHECK(client.fetch("/digest-auth/a/b?algorithm=CRC").status == 400);
}

}  // namespace katydid::target
