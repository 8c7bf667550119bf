#include "http/content/checksum.hpp"

#include "base/hex.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <new>
#include <utility>

namespace katydid {
namespace {

/// What is decoded at once: it may become a thousand times as much.
constexpr std::size_t decoded_at_once = 4096;

}  // namespace

void BodyChecksum::Free::operator()(evp_md_ctx_st* state) const noexcept { EVP_MD_CTX_free(state); }
void BodyChecksum::Free::operator()(evp_md_st* kind) const noexcept { EVP_MD_free(kind); }

std::unique_ptr<BodyChecksum> BodyChecksum::of(std::string_view name) {
  std::unique_ptr<BodyChecksum> made(new BodyChecksum);
  if (name == "crc32") return made;
  made->kind_.reset(EVP_MD_fetch(nullptr, std::string(name).c_str(), nullptr));
  if (!made->kind_) return nullptr;
  made->state_.reset(EVP_MD_CTX_new());
  if (!made->state_) throw std::bad_alloc();
  return made;
}

void BodyChecksum::begin(std::string_view header_block, std::uint64_t max_body) {
  if (std::exchange(begun_, true)) return;
  crc_ = 0;
  if (kind_ && EVP_DigestInit_ex(state_.get(), kind_.get(), nullptr) != 1) throw std::bad_alloc();
  max_body_ = max_body;
  decodes_ = !header_block.empty();
  if (decodes_) decoder_.start_for(header_block);
}

bool BodyChecksum::feed(std::string_view bytes) {
  if (!decodes_) return add(bytes), true;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, decoded_at_once);
    decoded_.clear();
    if (!decoder_.feed(piece, decoded_, max_body_)) return false;
    add(decoded_);
    bytes.remove_prefix(piece.size());
  }
  return true;
}

void BodyChecksum::add(std::string_view bytes) {
  if (kind_) {
    EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size());
  } else if (!bytes.empty()) {  // of which crc32_z() would begin anew
    crc_ = static_cast<std::uint32_t>(crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  }
}

bool BodyChecksum::finish(std::string& out) {
  begun_ = false;
  if (decodes_ && !decoder_.finish()) return false;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (kind_) {
    EVP_DigestFinal_ex(state_.get(), bytes.data(), &size);
  } else {
    for (unsigned shift = 32; shift > 0; shift -= 8) bytes[size++] = static_cast<unsigned char>(crc_ >> (shift - 8));
  }
  out = hex_of({reinterpret_cast<const char*>(bytes.data()), size});
  return true;
}

}  // namespace katydid
