#pragma once

#include "http/content/decoder.hpp"
#include "http/fast/base_url.hpp"
#include "http/fast/http2/head.hpp"
#include "http/request_fields.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace katydid {

class FastConnection;
class FastSession;
class FastTransfer;
struct ClientOptions;
class Http2Connection;

/// What the FastHttpClients of a loop share: name resolution, TLS settings, buffers, and the objects that a request
/// needs only while it is under way, so that a user who waits holds none of them.
class FastEngine {
 public:
  explicit FastEngine(Loop& loop);
  ~FastEngine();
  FastEngine(const FastEngine&) = delete;
  FastEngine& operator=(const FastEngine&) = delete;

  Loop& loop() const { return loop_; }
  Resolver& resolver() { return resolver_; }
  TlsContexts& tls_contexts() { return tls_contexts_; }
  ContentDecoder& decoder() { return decoder_; }
  /// For clients without headers of their own.
  DefaultHeaders<RequestFields>& default_fields() { return default_fields_; }
  /// For one call at a time: what OpenSSL decrypts into, and what it is to encrypt. @{
  std::array<char, 16 * 1024 + 512>& plaintext() { return plaintext_; }
  std::string& to_encrypt() { return to_encrypt_; }
  Http2Fields& http2_fields() { return http2_fields_; }
  /// @}

  /// The same object for equal settings, of the last few kinds: most users have the same.
  std::shared_ptr<const ClientOptions> shared(ClientOptions options);
  /// With the same text, one of the last few; good until the next call.
  const BaseUrl& base_url(const std::string& text);
  FastTransfer& acquire();
  void release(FastTransfer& transfer);
  /// For sessions that share connections, as long as there is one of them.
  std::shared_ptr<FastSession> pool(const ClientOptions& options);
  /// A connection may be given up while one of its own functions is running, so it goes a little later.
  void bury(std::unique_ptr<FastConnection> connection);
  /// Calls flush() at the end of this turn of the loop, or else in the next; a connection that goes says so. @{
  void flush_later(Http2Connection& connection);
  void flush_no_more(Http2Connection& connection);
  /// @}

 private:
  void tidy_later();
  void clear_buried();

  Loop& loop_;
  Resolver resolver_;
  TlsContexts tls_contexts_;
  ContentDecoder decoder_;
  DefaultHeaders<RequestFields> default_fields_;
  std::array<char, 16 * 1024 + 512> plaintext_;
  std::string to_encrypt_;
  Http2Fields http2_fields_;
  std::vector<Http2Connection*> to_flush_, flushing_;  // null: gone, even as the engine goes with what is buried
  std::vector<std::unique_ptr<FastTransfer>> idle_;
  std::size_t lent_ = 0;
  std::unique_ptr<FastConnection> buried_;  // a chain
  std::vector<std::weak_ptr<FastSession>> pools_;
  std::vector<std::shared_ptr<const ClientOptions>> settings_;  // the newest in front
  std::vector<BaseUrl> base_urls_;                              // the last used in front
  bool tidying_planned_ = false, flush_planned_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace katydid
