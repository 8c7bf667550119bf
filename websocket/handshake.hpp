#pragma once

#include "http/fields.hpp"
#include "websocket/deflate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What a client asks for, to open a WebSocket (RFC 6455, 4.1).
struct HandshakeOffer {
  std::string key;  ///< sixteen bytes of chance, in base64
  std::vector<std::string> subprotocols{};
  bool compression = false;
};

std::string new_handshake_key();
/// What a server shows that it has understood by (RFC 6455, 4.2.2).
std::string accept_of(std::string_view key);

/// The headers of the request, after those of the user, which they replace. Views of what is given.
class HandshakeFields {
 public:
  HandshakeFields(const HandshakeOffer& offer, std::string_view origin, const Fields& own);
  Fields all() const { return {std::span<const Field>(fields_)}; }

 private:
  std::string subprotocols_;
  std::vector<Field> fields_;
};

/// What a server has answered to it by 101.
struct Agreement {
  std::string subprotocol{};
  std::optional<DeflateParameters> deflate{};
  std::string error{};  ///< "HandshakeError: …" where it must not answer so
};
Agreement agreement_of(const HandshakeOffer& offer, std::string_view header_block);

}  // namespace katydid
