// Whatever challenges a server sends: none is answered, or one with all that it takes; and what it said of realm and
// nonce comes back to it unchanged.
#include "http/digest_auth.hpp"
#include "http/header_text.hpp"
#include "tests/fuzz/expect.hpp"

#include <cstdint>
#include <string>

using namespace katydid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view headers(reinterpret_cast<const char*>(data), size);
  const auto challenge = digest_challenge(headers);
  if (!challenge) return 0;
  expect(!challenge->nonce.empty(), "a challenge has a nonce");
  const std::string answer = digest_authorization(
      *challenge, {.user = "a\"n", .password = "s", .method = "GET", .target = "/", .client_nonce = "c0ffee"});
  expect(!has_control(answer), "an answer can be sent");
  const auto again = digest_challenge("WWW-Authenticate: " + answer + "\r\n");
  expect(again && again->realm == challenge->realm && again->nonce == challenge->nonce &&
             again->opaque == challenge->opaque && again->algorithm == challenge->algorithm &&
             again->of_session == challenge->of_session && again->has_qop == challenge->has_qop,
         "what the server said comes back to it");
  return 0;
}
