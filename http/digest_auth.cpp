#include "http/digest_auth.hpp"

#include "base/hex.hpp"
#include "http/header_text.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

using Algorithm = DigestChallenge::Algorithm;

std::string hash(Algorithm algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const EVP_MD* const kind = algorithm == Algorithm::md5 ? EVP_md5() : EVP_sha256();
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, kind, nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not allow the digest that the server asks for");
  }
  return hex_of({reinterpret_cast<const char*>(bytes.data()), size});
}

/// Reads the challenges of one header: schemes, each with its parameters, between commas (RFC 9110, 11.6.1).
class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : rest_(text) {}

  /// The next Digest challenge that can be answered.
  std::optional<DigestChallenge> next() {
    if (scheme_.empty()) read_scheme();
    while (!scheme_.empty()) {
      const bool is_digest = same_name(scheme_, "Digest");
      DigestChallenge challenge;
      const bool fine = read_parameters(challenge);
      if (is_digest && fine && has_realm_ && !challenge.nonce.empty()) return challenge;
    }
    return std::nullopt;
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t,"), rest_.size())); }

  std::string_view token() {
    const auto found = rest_.substr(0, token_length(rest_));
    rest_.remove_prefix(found.size());
    return found;
  }

  void read_scheme() {
    skip_blanks();
    scheme_ = token();
  }

  /// False for values that can't be answered. Ends at the next scheme, or at the end.
  bool read_parameters(DigestChallenge& challenge) {
    bool fine = true;
    has_realm_ = false;
    for (;;) {
      skip_blanks();
      const auto name = token();
      rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
      if (name.empty() || !rest_.starts_with('=')) {
        scheme_ = name;  // empty at the end, and for what is no challenge any more
        return fine;
      }
      rest_.remove_prefix(1);
      fine = take(challenge, name, value()) && fine;
    }
  }

  std::string value() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    if (!rest_.starts_with('"')) {
      const auto text = rest_.substr(0, rest_.find_first_of(", \t"));
      rest_.remove_prefix(text.size());
      return std::string(text);
    }
    std::string text;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      text += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return text;
  }

  bool take(DigestChallenge& challenge, std::string_view name, std::string text) {
    if (has_control(text)) return false;
    if (same_name(name, "realm")) {
      challenge.realm = std::move(text);
      has_realm_ = true;
    } else if (same_name(name, "nonce")) {
      challenge.nonce = std::move(text);
    } else if (same_name(name, "opaque")) {
      challenge.opaque = std::move(text);
    } else if (same_name(name, "qop")) {
      return take_qop(challenge, text);
    } else if (same_name(name, "algorithm")) {
      return take_algorithm(challenge, std::move(text));
    }
    return true;
  }

  static bool take_qop(DigestChallenge& challenge, std::string_view choices) {
    while (!choices.empty() && !challenge.has_qop) {
      const auto choice = choices.substr(0, choices.find(','));
      choices.remove_prefix(std::min(choice.size() + 1, choices.size()));
      challenge.has_qop = same_name(trimmed(choice), "auth");
    }
    return challenge.has_qop;
  }

  static bool take_algorithm(DigestChallenge& challenge, std::string name) {
    std::string_view base = name;
    constexpr std::string_view session = "-sess";
    challenge.of_session =
        base.size() > session.size() && same_name(base.substr(base.size() - session.size()), session);
    if (challenge.of_session) base.remove_suffix(session.size());
    challenge.algorithm = same_name(base, "SHA-256") ? Algorithm::sha256 : Algorithm::md5;
    const bool known = challenge.algorithm == Algorithm::sha256 || same_name(base, "MD5");
    challenge.algorithm_name = std::move(name);
    return known;
  }

  std::string_view rest_, scheme_;
  bool has_realm_ = false;
};

/// With colons between them.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(part).append(":");
  text.pop_back();
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') out += '\\';
    out += each;
  }
  return out += '"';
}

}  // namespace

std::optional<DigestChallenge> digest_challenge(std::string_view headers) {
  std::optional<DigestChallenge> best;
  visit_fields(headers, [&](Field field) {
    if (!same_name(field.name, "WWW-Authenticate")) return false;
    ChallengeReader reader(field.value);
    while (auto challenge = reader.next()) {
      if (!best || challenge->algorithm > best->algorithm) best = std::move(challenge);
    }
    return false;
  });
  return best;
}

std::string digest_authorization(const DigestChallenge& challenge, const DigestRequest& request) {
  constexpr std::string_view count = "00000001";
  std::string who = hash(challenge.algorithm, joined({request.user, challenge.realm, request.password}));
  if (challenge.of_session) who = hash(challenge.algorithm, joined({who, challenge.nonce, request.client_nonce}));
  const std::string what = hash(challenge.algorithm, joined({request.method, request.target}));
  const std::string response =
      challenge.has_qop
          ? hash(challenge.algorithm, joined({who, challenge.nonce, count, request.client_nonce, "auth", what}))
          : hash(challenge.algorithm, joined({who, challenge.nonce, what}));
  std::string value = "Digest username=" + quoted(request.user) + ", realm=" + quoted(challenge.realm) +
                      ", nonce=" + quoted(challenge.nonce) + ", uri=" + quoted(request.target) + ", response=\"" +
                      response + "\"";
  if (!challenge.opaque.empty()) value += ", opaque=" + quoted(challenge.opaque);
  if (!challenge.algorithm_name.empty()) value += ", algorithm=" + challenge.algorithm_name;
  if (challenge.has_qop) value += ", qop=auth, nc=" + std::string(count);
  if (challenge.has_qop || challenge.of_session) value += ", cnonce=" + quoted(request.client_nonce);
  return value;
}

std::string DigestLogin::answer(int status, std::string_view headers, std::string_view method,
                                std::string_view target) {
  if (answered_ || status != 401) return {};
  const auto challenge = digest_challenge(headers);
  if (!challenge) return {};
  answered_ = true;
  const std::string nonce = new_client_nonce();
  return digest_authorization(
      *challenge, {.user = user_, .password = password_, .method = method, .target = target, .client_nonce = nonce});
}

std::string new_client_nonce() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  const std::uint64_t number = source();
  return hex_of({reinterpret_cast<const char*>(&number), sizeof number});
}

}  // namespace katydid
