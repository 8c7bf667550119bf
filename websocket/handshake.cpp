#include "websocket/handshake.hpp"

#include "base/base64.hpp"
#include "http/header_text.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace katydid {
namespace {

constexpr std::string_view key_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

template <std::size_t Size>
std::string_view text_of(const std::array<unsigned char, Size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Of a list with commas between its items.
bool lists(std::string_view value, std::string_view item) {
  while (true) {
    const auto comma = value.find(',');
    if (same_name(trimmed(value.substr(0, comma)), item)) return true;
    if (comma == value.npos) return false;
    value.remove_prefix(comma + 1);
  }
}

/// What the headers of that name say, those that come again behind a comma.
std::optional<std::string> header(std::string_view block, std::string_view name) {
  std::optional<std::string> found;
  visit_fields(block, [&](Field field) {
    if (same_name(field.name, name)) found = (found ? *found + ", " : std::string()).append(field.value);
    return false;
  });
  return found;
}

std::string shown(const std::optional<std::string>& value) { return value ? "'" + *value + "'" : "none"; }

}  // namespace

std::string new_handshake_key() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw std::runtime_error("OpenSSL has no random bytes");
  return base64(text_of(bytes));
}

std::string accept_of(std::string_view key) {
  const std::string text = std::string(key).append(key_suffix);
  std::array<unsigned char, 20> hash;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha1(), nullptr);
  return base64(text_of(hash));
}

HandshakeFields::HandshakeFields(const HandshakeOffer& offer, std::string_view origin, const Fields& own)
    : fields_(own.begin(), own.end()) {
  for (const std::string& each : offer.subprotocols)
    subprotocols_.append(subprotocols_.empty() ? "" : ", ").append(each);
  fields_.insert(fields_.end(), {{"Accept", {}},
                                 {"Accept-Encoding", {}},
                                 {"Connection", "Upgrade"},
                                 {"Upgrade", "websocket"},
                                 {"Sec-WebSocket-Version", "13"},
                                 {"Sec-WebSocket-Key", offer.key}});
  if (!origin.empty()) fields_.emplace_back("Origin", origin);
  if (!subprotocols_.empty()) fields_.emplace_back("Sec-WebSocket-Protocol", subprotocols_);
  if (offer.compression) fields_.emplace_back("Sec-WebSocket-Extensions", deflate_offer);
}

Agreement agreement_of(const HandshakeOffer& offer, std::string_view header_block) {
  Agreement agreement;
  const auto refuse = [&](std::string why) {
    agreement.error = "HandshakeError: " + std::move(why);
    return agreement;
  };
  const auto upgrade = header(header_block, "Upgrade");
  if (!upgrade || !same_name(*upgrade, "websocket"))
    return refuse("the server's Upgrade is " + shown(upgrade) + " and not 'websocket'");
  const auto connection = header(header_block, "Connection");
  if (!connection || !lists(*connection, "upgrade"))
    return refuse("the server's Connection is " + shown(connection) + " and not 'Upgrade'");
  const auto accept = header(header_block, "Sec-WebSocket-Accept");
  if (!accept || *accept != accept_of(offer.key))
    return refuse(accept ? "the server's Sec-WebSocket-Accept is not the answer to our key"
                         : "the server's answer has no Sec-WebSocket-Accept");
  if (auto chosen = header(header_block, "Sec-WebSocket-Protocol")) {
    if (std::ranges::find(offer.subprotocols, *chosen) == offer.subprotocols.end())
      return refuse("the server chose the subprotocol '" + *chosen + "', which was not offered");
    agreement.subprotocol = std::move(*chosen);
  }
  if (const auto extension = header(header_block, "Sec-WebSocket-Extensions")) {
    std::string why = "an extension that was not offered";
    if (offer.compression) agreement.deflate = agreed_deflate(*extension, why);
    if (!agreement.deflate) return refuse("the server answered with " + why);
  }
  return agreement;
}

}  // namespace katydid
