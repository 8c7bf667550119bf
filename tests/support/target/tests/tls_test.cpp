#include "tests/support/target/certificate.hpp"
#include "tests/support/target/target.hpp"
#include "tests/support/target/tests/raw_client.hpp"

#include <curl/curl.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace katydid::target {
namespace {

/// A folder for PEM files, removed at the end.
class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("katydid-target-tls-" + std::to_string(::getpid()));
};

struct Fetched {
  CURLcode result = CURLE_OK;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

Fetched fetch(const std::string& url, const std::string& ca, const std::string& client = "", int requests = 1) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  Fetched fetched;
  const auto append = [](char* data, size_t size, size_t count, void* out) {
    static_cast<std::string*>(out)->append(data, size * count);
    return size * count;
  };
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, static_cast<curl_write_callback>(append));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &fetched.body);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca.c_str());
  if (!client.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_SSLCERT, (client + ".crt").c_str());
    curl_easy_setopt(curl.get(), CURLOPT_SSLKEY, (client + ".key").c_str());
  }
  for (int i = 0; i < requests && fetched.result == CURLE_OK; ++i) {
    fetched.body.clear();
    fetched.result = curl_easy_perform(curl.get());
  }
  return fetched;
}

}  // namespace

TEST_CASE("HTTPS with a certificate made at the start") {
  const Folder folder;
  Target target{{.tls = TlsOptions{}}};
  const auto ca = folder.write("ca.crt", target.certificate_pem());
  CHECK(target.tls_port() != 0);
  CHECK(target.tls_port() != target.port());
  const auto fetched = fetch(target.tls_url("/echo"), ca, "", 10);
  REQUIRE(fetched.result == CURLE_OK);
  CHECK(fetched.json()["scheme"] == "https");
  CHECK(fetch("https://localhost:" + std::to_string(target.tls_port()) + "/hello", ca).result == CURLE_OK);
  CHECK(target.counts().completed == 11);
  CHECK(target.counts().connections == 2);

  SUBCASE("which others don't trust") {
    const Target other{{.tls = TlsOptions{}}};
    const auto wrong = folder.write("wrong.crt", other.certificate_pem());
    CHECK(fetch(target.tls_url("/hello"), wrong).result == CURLE_PEER_FAILED_VERIFICATION);
    CHECK(target.counts().completed == 11);
  }
  SUBCASE("large bodies") {
    CHECK(fetch(target.tls_url("/bytes/5000000"), ca).body.size() == 5'000'000);
    CHECK(fetch(target.tls_url("/chunked/3000000?chunk=30000"), ca).body.size() == 3'000'000);
    CHECK(target.counts().completed == 13);
  }
  SUBCASE("delays and drips") {
    CHECK(fetch(target.tls_url("/delay/10"), ca).result == CURLE_OK);
    CHECK(fetch(target.tls_url("/slow-body?bytes=20&chunk=5&interval_ms=2"), ca).body.size() == 20);
  }
  SUBCASE("answers that are cut off") {
    CHECK(fetch(target.tls_url("/close/before"), ca).result != CURLE_OK);
    CHECK(fetch(target.tls_url("/close/body"), ca).result == CURLE_PARTIAL_FILE);
    CHECK(fetch(target.tls_url("/reset"), ca).result != CURLE_OK);
    CHECK(target.counts().aborted == 3);
  }
  SUBCASE("a client that speaks no TLS") {
    RawClient client(target.tls_port());
    client.get("/hello");
    client.read_all();
    CHECK(target.counts().completed == 11);
  }
}

TEST_CASE("HTTPS with a given pair, and client certificates") {
  const Folder folder;
  const auto server = make_self_signed(), ann = make_self_signed("ann"), bob = make_self_signed("bob");
  const auto ca = folder.write("server.crt", server.certificate_pem());
  const auto key = folder.write("server.key", server.key_pem());
  const auto ann_file = folder.write("ann.crt", ann.certificate_pem());
  folder.write("ann.key", ann.key_pem());
  const auto bob_file = folder.write("bob.crt", bob.certificate_pem());
  folder.write("bob.key", bob.key_pem());
  const auto without_ending = [](std::string file) { return file.substr(0, file.size() - 4); };

  SUBCASE("only those that the CA signed") {
    Target target{{.tls = TlsOptions{.certificate = ca, .key = key, .client_ca = ann_file}}};
    CHECK(target.certificate_pem() == server.certificate_pem());
    const auto fetched = fetch(target.tls_url("/echo"), ca, without_ending(ann_file));
    REQUIRE(fetched.result == CURLE_OK);
    CHECK(fetched.json()["client_certificate"] == "CN=ann");
    CHECK(fetch(target.tls_url("/echo"), ca, without_ending(bob_file)).result != CURLE_OK);
    CHECK(fetch(target.tls_url("/echo"), ca).result != CURLE_OK);
    CHECK(target.counts().completed == 1);
  }
  SUBCASE("bad files are named") {
    CHECK_THROWS_WITH((Target{{.tls = TlsOptions{.certificate = "no.crt", .key = key}}}),
                      doctest::Contains("can't use certificate no.crt: "));
    CHECK_THROWS_WITH((Target{{.tls = TlsOptions{.certificate = ann_file, .key = key}}}),
                      doctest::Contains("can't use key " + doctest::String(key.c_str())));
    CHECK_THROWS_WITH((Target{{.tls = TlsOptions{.certificate = ca, .key = key, .client_ca = "no.crt"}}}),
                      doctest::Contains("can't use client CA no.crt: "));
  }
}

}  // namespace katydid::target
