#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// What a server wants to be convinced by: a "Digest" challenge of a WWW-Authenticate header (RFC 7616).
struct DigestChallenge {
  enum class Algorithm { md5, sha256 };

  Algorithm algorithm = Algorithm::md5;
  std::string algorithm_name{};  ///< as it was said; "" where it was not
  bool of_session = false;       ///< MD5-sess, SHA-256-sess
  bool has_qop = false;          ///< "auth" is among the server's choices; false: it names none
  std::string realm{}, nonce{}, opaque{};
};

/// The strongest challenge that can be answered, in a block of header lines that end in CRLF; nothing when there is
/// none. One is left out that does not say realm and nonce, or wants another algorithm, or "auth-int" alone.
std::optional<DigestChallenge> digest_challenge(std::string_view headers);

/// Whose password it is, and what is asked for.
struct DigestRequest {
  std::string_view user, password, method, target;
  std::string_view client_nonce;  ///< of hexadecimal digits, another one each time
};
/// The value of the Authorization header that answers the challenge, as the first with its nonce.
std::string digest_authorization(const DigestChallenge& challenge, const DigestRequest& request);

/// Sixteen random hexadecimal digits.
std::string new_client_nonce();

/// A request that answers one challenge, wherever it is asked.
class DigestLogin {
 public:
  DigestLogin(std::string_view user, std::string_view password) : user_(user), password_(password) {}

  /// The request has been sent once, and is sent again.
  bool answered() const { return answered_; }
  /// What to send as Authorization; "" when there is nothing to answer, or that was done.
  std::string answer(int status, std::string_view headers, std::string_view method, std::string_view target);
  /// It goes to another URL of the same server.
  void start_again() { answered_ = false; }

 private:
  std::string user_, password_;
  bool answered_ = false;
};

}  // namespace katydid
