#include "tests/http/http_client_harness.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/test_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

/// A target that takes those who show a certificate of Ann's or Bob's, and these.
struct Members {
  TestCertificate ann{"ann"}, bob{"bob"};
  TemporaryFile ann_certificate{ann.certificate_pem}, ann_key{ann.key_pem};
  TemporaryFile bob_in_one{bob.certificate_pem + bob.key_pem};
  TemporaryFile authorities{ann.certificate_pem + bob.certificate_pem};
  target::Target target{{.tls = target::TlsOptions{.client_ca = authorities.path()}}};
  TemporaryFile trusted{target.certificate_pem()};

  ClientOptions options() const { return {.base_url = target.tls_url(), .ca_file = trusted.path()}; }
};

template <class Shard>
Response get_with(Shard& shard, const RequestOptions& options, std::string_view path = "/echo") {
  return ask(shard, [&](auto& client) { return client.get(path, options); });
}

std::string shown(const Response& response) {
  return response.ok() ? std::string(response.json()["client_certificate"].as_string()) : response.error();
}

/// By which OpenSSL looks a certificate up in a folder.
std::string subject_hash(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                        BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr), X509_free);
  char text[16];
  std::snprintf(text, sizeof text, "%08lx", X509_subject_name_hash(certificate.get()));
  return text;
}

/// With TLS 1.3 the refusal comes after the handshake, and the end of the connection may overtake its alert.
void check_refusal(const Response& response) {
  const auto begins_with = [&](std::string_view kind) { return response.error().starts_with(kind); };
  CHECK(response.status() == 0);
  CHECK_MESSAGE(
      (begins_with("SSLError: ") || begins_with("ConnectionResetError: ") || begins_with("BrokenPipeError: ")),
      response.error());
}

}  // namespace

TEST_CASE_TEMPLATE("a request says which certificates it trusts", Shard, KATYDID_SHARDS) {
  const TemporaryFile right(test_target().certificate_pem()), wrong(TestCertificate("other").certificate_pem),
      text("no PEM\n");
  Shard shard(test_target().tls_url());
  CHECK(get_with(shard, {.ca_file = right.path()}).ok());
  const auto by_the_client = get(shard, "/hello");
  CHECK(by_the_client.status() == 0);  // the connection that was checked by other authorities is not for it
  CHECK(by_the_client.error().starts_with("SSLError: "));
  const auto by_others = get_with(shard, {.ca_file = wrong.path()});
  CHECK(by_others.status() == 0);
  CHECK(by_others.error().find("self-signed certificate") != std::string::npos);
  CHECK(get_with(shard, {.ca_file = "/nonexistent/ca.pem"}).error().starts_with("SSLError: "));
  CHECK(get_with(shard, {.ca_file = text.path()}).error().starts_with("SSLError: "));
  CHECK(get_with(shard, {.ca_file = wrong.path(), .verify = false}).ok());
  CHECK(get_with(shard, {.ca_file = right.path()}, "/redirect/2").ok());
  shard.user.client.options().verify = false;
  CHECK_FALSE(get_with(shard, {.ca_file = wrong.path()}).ok());
  CHECK(get(shard, "/hello").ok());
  CHECK(shard.recorder.samples.size() == 9);
}

TEST_CASE_TEMPLATE("a folder of certificates is as good as a file", Shard, KATYDID_SHARDS) {
  const TemporaryDirectory folder, empty;
  const std::string certificate = test_target().certificate_pem();
  folder.write(subject_hash(certificate) + ".0", certificate);
  const std::string path = folder.path, nothing = empty.path;
  Shard shard(test_target().tls_url());
  CHECK(get_with(shard, {.ca_file = path}).ok());
  CHECK(get_with(shard, {.ca_file = nothing}).error().starts_with("SSLError: "));
  shard.user.client.options().ca_file = path;
  CHECK(get(shard, "/hello").ok());
  shard.user.client.options().ca_file.clear();
  CHECK_FALSE(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("requests with equal certificates share connections", Shard, KATYDID_SHARDS) {
  target::Target target({.tls = target::TlsOptions{}});
  const TemporaryFile trusted(target.certificate_pem());
  Shard shard(ClientOptions{.base_url = target.tls_url(), .verify = false});
  for (int i = 0; i < 3; ++i) {
    const std::string path = trusted.path();
    CHECK(get_with(shard, {.ca_file = path}).ok());
    CHECK(get(shard, "/echo").ok());
  }
  CHECK(target.counts().connections == 2);
}

TEST_CASE_TEMPLATE("of many certificates, the connections of the last are kept", Shard, KATYDID_FAST_SHARDS) {
  target::Target target({.tls = target::TlsOptions{}});
  Shard shard(target.tls_url());
  std::vector<std::unique_ptr<TemporaryFile>> files;
  for (int i = 0; i < 15; ++i) files.push_back(std::make_unique<TemporaryFile>(target.certificate_pem()));
  for (const auto& file : files) CHECK(get_with(shard, {.ca_file = file->path()}).ok());
  CHECK(target.counts().connections == 15);
  for (std::size_t i = 5; i < 15; ++i) CHECK(get_with(shard, {.ca_file = files[i]->path()}).ok());
  CHECK(target.counts().connections == 15);
  CHECK(get_with(shard, {.ca_file = files[0]->path()}).ok());
  CHECK(target.counts().connections == 16);
}

TEST_CASE_TEMPLATE("a request shows a client certificate of its own", Shard, KATYDID_SHARDS) {
  const Members members;
  const std::string ann = members.ann_certificate.path(), ann_key = members.ann_key.path(),
                    bob = members.bob_in_one.path();
  Shard shard(members.options());
  check_refusal(get(shard, "/echo"));
  CHECK(shown(get_with(shard, {.client_certificate = ann, .client_key = ann_key})).find("ann") != std::string::npos);
  CHECK(shown(get_with(shard, {.client_certificate = bob})).find("bob") != std::string::npos);
  check_refusal(get(shard, "/echo"));
  shard.user.client.options().client_certificate = ann;
  shard.user.client.options().client_key = ann_key;
  CHECK(shown(get(shard, "/echo")).find("ann") != std::string::npos);
  CHECK(shown(get_with(shard, {.client_certificate = bob})).find("bob") != std::string::npos);
  CHECK(shown(get(shard, "/echo")).find("ann") != std::string::npos);
  CHECK(shown(get_with(shard, {.ca_file = members.trusted.path()})).find("ann") != std::string::npos);
  CHECK(shard.recorder.samples.size() == 8);
}

TEST_CASE_TEMPLATE("client certificates that cannot be used are errors of their requests", Shard, KATYDID_SHARDS) {
  const Members members;
  const std::string ann = members.ann_certificate.path();
  const TemporaryFile bobs_key(members.bob.key_pem), text("no PEM\n");
  Shard shard(members.options());
  const auto error_with = [&](const RequestOptions& options) {
    const auto response = get_with(shard, options);
    CHECK(response.status() == 0);
    CHECK(shard.recorded().error == response.error());
    CHECK_MESSAGE(response.error().starts_with("SSLError: "), response.error());
    return response.error();
  };
  CHECK(error_with({.client_certificate = "/nonexistent/ann.pem"}).find("/nonexistent/ann.pem") != std::string::npos);
  CHECK(error_with({.client_certificate = text.path()}).find(text.path()) != std::string::npos);
  error_with({.client_certificate = ann});
  error_with({.client_certificate = ann, .client_key = "/nonexistent/key.pem"});
  error_with({.client_certificate = ann, .client_key = bobs_key.path()});
  CHECK(get_with(shard, {.client_certificate = ann, .client_key = members.ann_key.path()}).ok());
}
