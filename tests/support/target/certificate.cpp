#include "tests/support/target/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <stdexcept>

namespace katydid::target {
namespace {

template <class Write>
std::string written(Write&& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(BIO_new(BIO_s_mem()), BIO_free_all);
  write(text.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value), X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) fail_with_openssl("can't make a certificate");
}

}  // namespace

void fail_with_openssl(const std::string& what) {
  const auto error = ERR_peek_error();  // the first is the cause, the last says where it ended up
  const char* reason = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
  const auto text = what + ": " + (reason ? reason : "unknown reason");
  ERR_clear_error();
  throw std::runtime_error(text);
}

Certificate make_self_signed(const std::string& common_name) {
  constexpr long day = 24 * 60 * 60;
  Certificate made(X509_new(), EVP_EC_gen("P-256"));
  auto* certificate = made.certificate();
  if (!certificate || !made.key()) fail_with_openssl("can't make a key");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -day);  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(certificate), 365 * day);
  X509_set_pubkey(certificate, made.key());
  auto* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, NID_subject_alt_name, "DNS:localhost,DNS:katydid-target,DNS:target,IP:127.0.0.1,IP:::1");
  if (X509_sign(certificate, made.key(), EVP_sha256()) == 0) fail_with_openssl("can't sign a certificate");
  return made;
}

std::string pem_of(X509* certificate) {
  return written([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
}

std::string Certificate::certificate_pem() const { return pem_of(certificate_.get()); }

std::string Certificate::key_pem() const {
  return written([&](BIO* out) { PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace katydid::target
