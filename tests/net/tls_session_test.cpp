#include "net/tls_session.hpp"

#include "tests/support/temporary_file.hpp"
#include "tests/support/tls_server.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace katydid;

namespace {

constexpr std::size_t whole = ~std::size_t{0};

const TestCertificate& site() {
  static const TestCertificate certificate("site.test", {.subject_alt_name = "DNS:site.test,DNS:*.wild.test,"
                                                                             "IP:127.0.0.1,IP:::1"});
  return certificate;
}

const std::string& site_ca() {
  static const TemporaryFile file(site().certificate_pem);
  static const std::string path = file.path();
  return path;
}

TlsContext& trusting() {
  static TlsContext context({.ca_file = site_ca()});
  return context;
}

TlsContext& careless() {
  static TlsContext context({.verify = false});
  return context;
}

/// A client and a server, with the bytes between them cut into pieces of `piece`.
struct Connection {
  explicit Connection(const TlsServer& settings, TlsContext& context = trusting(), std::string_view host = "site.test",
                      SSL_SESSION* ticket = nullptr)
      : client(context, host, 443, ticket), server(settings) {}

  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      // A place of its own, so that reading beyond the piece or after its time is an error.
      const std::string part(bytes.substr(0, std::min(piece, bytes.size())));
      bytes.remove_prefix(part.size());
      client.feed(part, out);
      for (auto text = client.read(scratch, out); !text.empty(); text = client.read(scratch, out)) received += text;
    }
  }
  void exchange() {
    if (!std::exchange(started, true)) client.start(out);
    for (int round = 0; round < 20; ++round) {
      server.feed(std::exchange(out, {}));
      const std::string answer = server.take();
      if (answer.empty()) return;
      feed(answer);
    }
    FAIL("they never stop talking");
  }

  TlsSession client;
  TlsServerConnection server;
  std::array<char, 16384> scratch{};
  std::string out, received;
  std::size_t piece = whole;
  bool started = false;
};

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

std::string encrypted_key() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  char passphrase[] = "secret";
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr);
  std::string pem(BIO_ctrl_pending(out.get()), '\0');
  BIO_read(out.get(), pem.data(), static_cast<int>(pem.size()));
  return pem;
}

template <class Body>
void with_both_versions(Body body) {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    body(version);
  }
}

std::string error_with(const TestCertificate& certificate, TlsContext& context, std::string_view host) {
  Connection connection(TlsServer(certificate), context, host);
  connection.exchange();
  CHECK(connection.client.established() == connection.client.error().empty());
  return connection.client.error();
}

}  // namespace

TEST_CASE("bytes pass both ways, whatever pieces they come in") {
  with_both_versions([](int version) {
    const TlsServer server(site(), {.version = version});
    const auto small = text_of(54), large = text_of(300'000);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}, std::size_t{20'000}, whole}) {
      CAPTURE(piece);
      Connection connection(server);
      connection.piece = piece;
      connection.exchange();
      REQUIRE(connection.client.error() == "");
      CHECK(connection.client.established());
      CHECK(connection.server.protocol() == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"));
      CHECK(connection.client.protocol() == connection.server.protocol());
      CHECK(connection.server.application_protocol() == "http/1.1");
      CHECK(connection.server.server_name() == "site.test");
      CHECK_FALSE(connection.client.resumed());
      connection.client.write(small, connection.out);
      connection.client.write(large, connection.out);
      connection.server.feed(std::exchange(connection.out, {}));
      CHECK((connection.server.received == small + large));
      for (int i = 0; i < 3; ++i) connection.server.write(small);
      connection.server.write(large);
      connection.exchange();
      CHECK((connection.received == small + small + small + large));
    }
  });
}

TEST_CASE("what is written before the handshake is over goes after it") {
  with_both_versions([](int version) {
    const TlsServer server(site(), {.version = version});
    Connection connection(server);
    connection.client.write("GET / ", connection.out);
    CHECK(connection.out.empty());
    connection.client.start(connection.out);
    connection.started = true;
    connection.client.write("HTTP/1.1\r\n", connection.out);
    connection.exchange();
    CHECK(connection.server.received == "GET / HTTP/1.1\r\n");
  });
}

TEST_CASE("a scratch that is smaller than a record loses nothing") {
  const TlsServer server(site());
  Connection connection(server);
  connection.exchange();
  const auto text = text_of(40'000);
  connection.server.write(text);
  const auto bytes = connection.server.take();
  connection.client.feed(bytes, connection.out);
  std::array<char, 100> little{};
  std::string got;
  for (auto part = connection.client.read(little, connection.out); !part.empty();
       part = connection.client.read(little, connection.out)) {
    got += part;
  }
  CHECK((got == text));
}

TEST_CASE("new keys and new handshakes in the middle of it") {
  with_both_versions([](int version) {
    const TlsServer server(site(), {.version = version});
    Connection connection(server);
    connection.exchange();
    connection.server.rekey();
    // Half of the new handshake has come: what is written waits, and is not lost.
    connection.feed(connection.server.take());
    const auto text = text_of(50'000);
    connection.client.write(text, connection.out);
    connection.client.write("!", connection.out);
    connection.exchange();
    CHECK((connection.server.received == text + "!"));
    connection.server.write("answer");
    connection.exchange();
    CHECK(connection.received == "answer");
    CHECK(connection.client.error() == "");
  });
}

TEST_CASE("a ticket makes the next handshakes short") {
  with_both_versions([](int version) {
    const TlsServer server(site(), {.version = version});
    TlsTicket ticket;
    {
      Connection first(server);
      CHECK_FALSE(first.client.take_session());
      first.exchange();
      ticket = first.client.take_session();
      REQUIRE(ticket);
      CHECK_FALSE(first.client.take_session());
    }  // without a goodbye
    for (int i = 0; i < 3; ++i) {
      Connection next(server, trusting(), "site.test", ticket.get());
      next.piece = i == 0 ? 1 : whole;
      next.exchange();
      CHECK(next.client.error() == "");
      CHECK(next.client.resumed());
      CHECK(next.server.resumed());
      auto newer = next.client.take_session();
      CHECK(static_cast<bool>(newer) == (version == TLS1_3_VERSION));
      if (newer) ticket = std::move(newer);
    }
    // Another server does not know it: a whole handshake, and the certificate is looked at.
    const TestCertificate stranger("site.test");
    Connection other(TlsServer(stranger, {.version = version}), trusting(), "site.test", ticket.get());
    other.exchange();
    CHECK_FALSE(other.client.resumed());
    CHECK(other.client.error() == "SSLError: certificate verify failed: self-signed certificate (site.test:443)");
  });
}

TEST_CASE("a ticket that was part of a failure is left alone") {
  const TlsServer server(site(), {.version = TLS1_2_VERSION});
  Connection first(server);
  first.exchange();
  const auto ticket = first.client.take_session();
  {
    Connection broken(server, trusting(), "site.test", ticket.get());
    broken.exchange();
    REQUIRE(broken.client.resumed());
    broken.feed(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
    CHECK(broken.client.error().starts_with("SSLError: "));
  }
  Connection next(server, trusting(), "site.test", ticket.get());
  next.exchange();
  CHECK(next.client.error() == "");
}

TEST_CASE("the host is checked: names, wildcards, addresses") {
  for (const char* host : {"site.test", "SITE.test", "site.test.", "a.wild.test", "127.0.0.1", "::1", "[::1]"}) {
    CAPTURE(host);
    CHECK(error_with(site(), trusting(), host) == "");
  }
  CHECK(error_with(site(), trusting(), "other.test") ==
        "SSLError: certificate verify failed: hostname mismatch, certificate is not valid for 'other.test' "
        "(other.test:443)");
  CHECK(error_with(site(), trusting(), "127.0.0.2") ==
        "SSLError: certificate verify failed: IP address mismatch, certificate is not valid for '127.0.0.2' "
        "(127.0.0.2:443)");
  CHECK(error_with(site(), trusting(), "::2").ends_with("([::2]:443)"));
  for (const std::string_view host :
       {std::string_view("a.b.wild.test"), std::string_view("wild.test"), std::string_view(""), std::string_view("."),
        std::string_view("site.test\0x", 11)}) {
    CAPTURE(host);
    CHECK_FALSE(error_with(site(), trusting(), host).empty());
  }
  CHECK(error_with(site(), careless(), "other.test") == "");
}

TEST_CASE("an address is not sent as a server's name, a final dot neither") {
  const TlsServer server(site());
  for (const char* host : {"127.0.0.1", "[::1]", "site.test."}) {
    Connection connection(server, trusting(), host);
    connection.exchange();
    CHECK(connection.server.server_name() == (host[0] == 's' ? "site.test" : ""));
  }
}

TEST_CASE("certificates that are not to be trusted") {
  TlsContext system({});
  CHECK(error_with(site(), system, "site.test") ==
        "SSLError: certificate verify failed: self-signed certificate (site.test:443)");
  const TestCertificate old("old.test", {.seconds_valid = -60});
  const TemporaryFile trusted(old.certificate_pem);
  TlsContext context({.ca_file = trusted.path()});
  CHECK(error_with(old, context, "old.test") ==
        "SSLError: certificate verify failed: certificate has expired (old.test:443)");
  CHECK(error_with(old, careless(), "old.test") == "");
}

TEST_CASE("after a refusal the alert is there to be sent, and nothing else happens") {
  TlsContext system({});
  Connection connection(TlsServer(site()), system);
  connection.client.start(connection.out);
  connection.server.feed(std::exchange(connection.out, {}));
  connection.feed(connection.server.take());
  CHECK(connection.client.error() != "");
  REQUIRE(connection.out.size() >= 7);
  const auto alert = std::exchange(connection.out, {});
  CHECK(alert[alert.size() - 7] == SSL3_RT_ALERT);
  const auto error = connection.client.error();
  connection.client.feed("\x16\x03\x03", connection.out);
  connection.client.write("x", connection.out);
  connection.client.end_of_stream();
  connection.client.close(connection.out);
  CHECK(connection.client.read(connection.scratch, connection.out).empty());
  CHECK(connection.client.error() == error);
  CHECK(connection.out.empty());
}

TEST_CASE("client certificates: shown, missing, refused") {
  const TestCertificate ann("ann"), bob("bob");
  const TemporaryFile certificate(ann.certificate_pem), key(ann.key_pem), both(ann.certificate_pem + ann.key_pem),
      wrong(bob.certificate_pem + bob.key_pem);
  with_both_versions([&](int version) {
    const TlsServer server(site(), {.version = version, .client_ca = certificate.path()});
    TlsContext separate({.verify = false, .client_certificate = certificate.path(), .client_key = key.path()});
    TlsContext together({.verify = false, .client_certificate = both.path()});
    for (TlsContext* context : {&separate, &together}) {
      Connection connection(server, *context);
      connection.exchange();
      CHECK(connection.client.error() == "");
      CHECK(connection.server.client_name() == "ann");
    }
    Connection missing(server, careless());
    missing.exchange();
    // TLS 1.3 refuses when the client believes to be connected.
    CHECK(missing.client.established() == (version == TLS1_3_VERSION));
    CHECK(missing.client.error() ==
          "SSLError: the server refused with the alert '" +
              std::string(version == TLS1_3_VERSION ? "certificate required" : "handshake failure") +
              "'; it asked for a client certificate, and none is set (site.test:443)");
    TlsContext other({.verify = false, .client_certificate = wrong.path()});
    Connection refused(server, other);
    refused.exchange();
    CHECK(refused.client.error() == "SSLError: the server refused with the alert 'unknown ca' (site.test:443)");
    Connection optional(TlsServer(site(), {.version = version, .asks_for_certificate = true}), careless());
    optional.exchange();
    CHECK(optional.client.error() == "");
  });
}

TEST_CASE("a server of an old TLS") {
  for (TlsContext* context : {&trusting(), &careless()}) {
    Connection connection(TlsServer(site(), {.version = TLS1_1_VERSION}), *context);
    connection.exchange();
    CHECK(connection.client.error() ==
          "SSLError: the server refused with the alert 'protocol version': it speaks no TLS from 1.2 on "
          "(site.test:443)");
  }
  // Or it answers with what it has.
  Connection connection(TlsServer(site()), careless());
  connection.client.start(connection.out);
  std::string hello("\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01", 11);
  hello += std::string(32, 'r') + std::string("\x00\xc0\x13\x00", 4);
  connection.feed(hello);
  CHECK(connection.client.error() == "SSLError: the server speaks no TLS from 1.2 on (site.test:443)");
}

TEST_CASE("no TLS at all") {
  const std::string_view answers[] = {
      "HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail",    "S", std::string_view("\0\0\0\0\0\0\0\0", 8),
      "\x16 looks like it, but is none",  "\x17\x03\x03"};
  for (const auto answer : answers) {
    for (const std::size_t piece : {std::size_t{1}, whole}) {
      CAPTURE(answer);
      Connection connection(TlsServer(site()), careless());
      connection.piece = piece;
      connection.client.start(connection.out);
      connection.feed(answer);
      CHECK(connection.client.error() == "SSLError: the server does not speak TLS (site.test:443)");
    }
  }
}

TEST_CASE("a record that was tampered with") {
  with_both_versions([](int version) {
    Connection connection(TlsServer(site(), {.version = version}));
    connection.exchange();
    connection.server.write("secret");
    auto bytes = connection.server.take();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    connection.feed(bytes);
    CHECK(connection.received.empty());
    CHECK(connection.client.error() == "SSLError: decryption failed or bad record mac (site.test:443)");
  });
}

TEST_CASE("an end without a goodbye is known") {
  with_both_versions([](int version) {
    const TlsServer server(site(), {.version = version});
    Connection early(server);
    early.client.start(early.out);
    early.server.feed(early.out);
    const auto flight = early.server.take();
    early.feed(std::string_view(flight).substr(0, flight.size() / 2));
    early.client.end_of_stream();
    CHECK(early.client.error() ==
          "SSLError: the server closed the connection during the TLS handshake (site.test:443)");

    Connection cut(server);
    cut.exchange();
    cut.server.write("half");
    cut.exchange();
    CHECK_FALSE(cut.client.truncated());
    cut.client.end_of_stream();
    CHECK(cut.client.truncated());
    CHECK(cut.client.error() == "");
    CHECK(cut.client.truncation_error() ==
          "SSLError: the server closed the connection without a TLS close_notify; the answer may be cut off "
          "(site.test:443)");

    Connection polite(server);
    polite.exchange();
    polite.server.write("all of it");
    polite.server.say_goodbye();
    polite.exchange();
    CHECK(polite.received == "all of it");
    CHECK(polite.client.peer_closed());
    polite.client.end_of_stream();
    CHECK_FALSE(polite.client.truncated());
    CHECK(polite.client.error() == "");
    polite.client.close(polite.out);
    polite.server.feed(std::exchange(polite.out, {}));
    CHECK(polite.server.closed());
  });
}

TEST_CASE("what others left in OpenSSL's queue of errors is not taken for one's own") {
  const TlsServer server(site());
  Connection connection(server);
  connection.exchange();
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  connection.server.write("fine");
  const auto bytes = connection.server.take();
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  connection.feed(bytes);
  CHECK(connection.received == "fine");
  CHECK(connection.client.error() == "");
}

TEST_CASE("contexts that were not used for long go, and their connections stay") {
  TlsContexts contexts;
  const TlsServer server(site());
  const auto first = contexts.get({.ca_file = site_ca()});
  REQUIRE(first.context);
  SSL_CTX* const native = first.context->native();
  SSL_CTX_up_ref(native);
  const std::unique_ptr<SSL_CTX, OpensslFree> kept(native);  // or its place could be another's
  Connection connection(server, *first.context);
  const auto use_others = [&](int count) {
    for (int i = 0; i < count; ++i) contexts.get({.verify = false, .ca_file = std::to_string(i)});
  };
  use_others(999);
  CHECK(contexts.get({.ca_file = site_ca()}).context->native() == native);
  use_others(999);
  CHECK(contexts.get({.ca_file = site_ca()}).context->native() == native);
  use_others(1000);
  CHECK(contexts.get({.ca_file = site_ca()}).context->native() != native);
  connection.exchange();
  CHECK(connection.client.established());
}

TEST_CASE("contexts are made once for equal settings, and files that cannot be read are named") {
  TlsContexts contexts;
  const auto first = contexts.get({.verify = false});
  REQUIRE(first.context);
  CHECK(first.error.empty());
  CHECK(contexts.get({.verify = false}).context == first.context);
  const auto checking = contexts.get({.ca_file = site_ca()});
  CHECK(checking.context != first.context);

  const TestCertificate ann("ann"), bob("bob");
  const TemporaryFile in_one(ann.certificate_pem + ann.key_pem);
  const auto showing = contexts.get({.ca_file = site_ca(), .client_certificate = in_one.path()});
  REQUIRE(showing.context);
  CHECK(SSL_CTX_get_cert_store(showing.context->native()) == SSL_CTX_get_cert_store(checking.context->native()));
  CHECK(error_with(site(), *showing.context, "site.test") == "");
  CHECK(error_with(ann, *showing.context, "site.test") != "");

  const TemporaryFile certificate(ann.certificate_pem), key(ann.key_pem), other_key(bob.key_pem), text("no PEM\n"),
      nothing(""), encrypted(encrypted_key());
  const auto error_of = [&](TlsSettings settings) {
    settings.verify = !settings.ca_file.empty();
    const auto found = contexts.get(settings);
    CHECK_FALSE(found.context);
    return found.error;
  };
  CHECK(error_of({.ca_file = "/nonexistent/ca.pem"}) ==
        "SSLError: cannot read CA file /nonexistent/ca.pem: No such file or directory");
  CHECK(error_of({.ca_file = text.path()}) ==
        "SSLError: cannot read CA file " + text.path() + ": no PEM certificate in it");
  CHECK(error_of({.client_certificate = "/nonexistent/ann.pem"}) ==
        "SSLError: cannot read client certificate /nonexistent/ann.pem: No such file or directory");
  CHECK(error_of({.client_certificate = nothing.path()}) ==
        "SSLError: cannot read client certificate " + nothing.path() + ": no PEM certificate in it");
  CHECK(error_of({.client_certificate = certificate.path()}) ==
        "SSLError: cannot read client key " + certificate.path() + ": no PEM private key in it");
  CHECK(error_of({.client_certificate = certificate.path(), .client_key = "/nonexistent/key.pem"}) ==
        "SSLError: cannot read client key /nonexistent/key.pem: No such file or directory");
  CHECK(error_of({.client_certificate = certificate.path(), .client_key = other_key.path()}) ==
        "SSLError: the client key " + other_key.path() + " does not belong to the certificate " + certificate.path());
  CHECK(error_of({.client_certificate = certificate.path(), .client_key = encrypted.path()}) ==
        "SSLError: cannot read client key " + encrypted.path() +
            ": it is encrypted; write it without a passphrase (openssl pkey -in FILE -out FILE)");
  CHECK(ERR_peek_error() == 0);
}
