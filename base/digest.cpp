#include "base/digest.hpp"

#include "base/hex.hpp"

#include <openssl/evp.h>

#include <fstream>
#include <stdexcept>

namespace katydid {

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
}

Digest& Digest::add(std::string_view text) {
  add_bytes(std::to_string(text.size()) + ':');
  return add_bytes(text);
}

Digest& Digest::add_bytes(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  return *this;
}

std::string Digest::hex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), bytes, &size);
  return hex_of({reinterpret_cast<const char*>(bytes), size});
}

std::optional<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string content;
  char buffer[16384];
  while (stream.read(buffer, sizeof buffer) || stream.gcount() > 0) {
    content.append(buffer, static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return std::nullopt;  // a directory
  return content;
}

std::optional<std::string> digest_of_file(const std::filesystem::path& file) {
  const auto content = read_file(file);
  if (!content) return std::nullopt;
  return Digest().add_bytes(*content).hex();
}

}  // namespace katydid
