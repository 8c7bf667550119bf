#include "tests/support/target/routes.hpp"

#include <atomic>
#include <map>

namespace katydid::target {
namespace {

/// "USER/PASS" as the path says it, percent-decoded.
std::pair<std::string, std::string> user_and_password(std::string_view argument, std::string_view usage) {
  const auto slash = argument.find('/');
  if (slash == std::string_view::npos) throw BadRequest(std::string(usage) + " wants a user and a password");
  return {percent_decode(argument.substr(0, slash)), percent_decode(argument.substr(slash + 1))};
}

/// What follows the scheme in the Authorization header, if it is this scheme.
std::optional<std::string_view> credentials(const Request& request, std::string_view scheme) {
  const auto header = request.header("Authorization");
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  if (!equals_ignoring_case(header.substr(0, scheme.size()), scheme)) return std::nullopt;
  return trim(header.substr(scheme.size()));
}

Response welcome(std::string_view user) { return {200, "text/plain", "welcome, " + std::string(user) + "\n"}; }
Response refused(const std::string& challenge) { return Response(401).header("WWW-Authenticate", challenge); }

Response basic(Exchange& exchange) {
  const auto [user, password] = user_and_password(exchange.argument, "/basic-auth/USER/PASS");
  const auto given = credentials(exchange.request, "Basic");
  const auto decoded = given ? from_base64(*given) : std::nullopt;
  return decoded == user + ":" + password ? welcome(user) : refused("Basic realm=\"katydid\", charset=\"UTF-8\"");
}

Response bearer(Exchange& exchange) {
  const auto given = credentials(exchange.request, "Bearer");
  return given == percent_decode(exchange.argument) ? welcome("bearer") : refused("Bearer realm=\"katydid\"");
}

/// The name="value" pairs of a digest header; values come with or without quotes.
std::map<std::string, std::string, std::less<>> parameters(std::string_view text) {
  std::map<std::string, std::string, std::less<>> found;
  while (!text.empty()) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) break;
    const auto name = trim(text.substr(0, equals));
    text = trim(text.substr(equals + 1));
    std::string value;
    if (text.starts_with('"')) {
      std::size_t i = 1;
      for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      text.remove_prefix(std::min(i + 1, text.size()));
    } else {
      value = trim(text.substr(0, text.find(',')));
    }
    found.emplace(name, value);
    const auto comma = text.find(',');
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return found;
}

std::string signature(const Shared& shared, std::string_view serial) {
  return digest("SHA256", shared.nonce_secret + std::string(serial)).substr(0, 32);
}

/// Nonces carry their own proof, so that none has to be remembered.
std::string new_nonce(const Shared& shared) {
  static std::atomic<std::uint64_t> last = 0;
  const auto serial = std::to_string(++last);
  return serial + "-" + signature(shared, serial);
}

bool is_own_nonce(const Shared& shared, std::string_view nonce) {
  const auto dash = nonce.find('-');
  return dash != std::string_view::npos && nonce.substr(dash + 1) == signature(shared, nonce.substr(0, dash));
}

Response digest_login(Exchange& exchange) {
  const auto [user, password] = user_and_password(exchange.argument, "/digest-auth/USER/PASS");
  const auto name = exchange.query().find("algorithm").value_or("MD5");
  if (name != "MD5" && name != "SHA-256") throw BadRequest("algorithm wants MD5 or SHA-256");
  const char* algorithm = name == "MD5" ? "MD5" : "SHA256";
  auto& shared = exchange.shared();

  const auto given = credentials(exchange.request, "Digest");
  auto fields = parameters(given.value_or(""));
  const auto first = digest(algorithm, user + ":katydid:" + password);
  const auto second =
      digest(algorithm, std::string(exchange.request.method) + ":" + std::string(exchange.request.target));
  const auto expected = digest(
      algorithm, first + ":" + fields["nonce"] + ":" + fields["nc"] + ":" + fields["cnonce"] + ":auth:" + second);
  const bool right = given && fields["username"] == user && fields["realm"] == "katydid" &&
                     fields["uri"] == exchange.request.target && fields["qop"] == "auth" &&
                     equals_ignoring_case(fields["response"], expected);
  const bool fresh = is_own_nonce(shared, fields["nonce"]);
  if (right && fresh) return welcome(user);
  return refused("Digest realm=\"katydid\", qop=\"auth\", algorithm=" + name + ", nonce=\"" + new_nonce(shared) + "\"" +
                 (right ? ", stale=true" : ""));
}

constexpr Route list[] = {
    {"/basic-auth/", basic, nullptr, "/basic-auth/USER/PASS", "200 for that user, else 401"},
    {"/digest-auth/", digest_login, nullptr, "/digest-auth/USER/PASS?algorithm=MD5",
     "the same with a digest; or SHA-256"},
    {"/bearer/", bearer, nullptr, "/bearer/TOKEN", "200 for that token, else 401"},
};

}  // namespace

std::span<const Route> login_routes() { return list; }

}  // namespace katydid::target
