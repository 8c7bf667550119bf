#pragma once

#include "http/client_options.hpp"
#include "http/curl/handles.hpp"
#include "http/curl/headers.hpp"
#include "http/curl/multi.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class CurlTransfer;

/// What belongs to one user: connections, cookies and TLS sessions, shared by its transfers and by nobody else.
///
/// All users of a shard hang on one multi handle, but each on a share handle of its own, which holds its connections:
/// libcurl searches them one by one, so with a cache in common a request would cost more the more users there are.
class CurlSession {
 public:
  CurlSession(CurlMulti& multi, ClientOptions options);
  ~CurlSession();
  CurlSession(const CurlSession&) = delete;
  CurlSession& operator=(const CurlSession&) = delete;

  /// The user's to change at any time.
  ClientOptions options;

  CurlMulti& multi() const { return multi_; }
  CURLSH* share() const { return share_.get(); }

  /// A transfer that is not in use, up to date with the options.
  CurlTransfer& acquire();
  void release(CurlTransfer& transfer) { idle_.push_back(&transfer); }

  /// The base URL without its credentials, and these.
  const std::string& base_url() const { return base_url_; }
  const std::string& user() const { return user_; }
  const std::string& password() const { return password_; }
  /// Made once for each kind of body and version of the options.
  const std::shared_ptr<const CurlHeaders>& default_headers(const BodyKind& body);

 private:
  void adopt_options();

  CurlMulti& multi_;
  CurlShareHandle share_;
  ClientOptions adopted_;
  std::uint32_t version_ = 0;  // of adopted_
  std::string base_url_, user_, password_;
  DefaultHeaders<CurlHeaders> headers_;
  std::vector<std::unique_ptr<CurlTransfer>> transfers_;
  std::vector<CurlTransfer*> idle_;
};

}  // namespace katydid
