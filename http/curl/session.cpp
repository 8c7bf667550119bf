#include "http/curl/session.hpp"

#include "http/curl/transfer.hpp"
#include "http/url.hpp"

#include <new>

namespace katydid {

CurlSession::CurlSession(CurlMulti& multi, ClientOptions initial)
    : options(std::move(initial)), multi_(multi), share_(curl_share_init()) {
  if (!share_) throw std::bad_alloc();
  // Names stay out of it: those the multi handle keeps, for all users.
  for (const auto data : {CURL_LOCK_DATA_CONNECT, CURL_LOCK_DATA_COOKIE, CURL_LOCK_DATA_SSL_SESSION}) {
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, data);
  }
  adopt_options();
}

CurlSession::~CurlSession() = default;

CurlTransfer& CurlSession::acquire() {
  if (options != adopted_) adopt_options();
  if (idle_.empty()) {
    idle_.reserve(transfers_.size() + 1);  // coming back, in a destructor perhaps, it wants no memory
    idle_.push_back(transfers_.emplace_back(std::make_unique<CurlTransfer>(*this)).get());
  }
  CurlTransfer& transfer = *idle_.back();
  idle_.pop_back();
  transfer.adopt(adopted_, version_);
  return transfer;
}

void CurlSession::adopt_options() {
  adopted_ = options;
  ++version_;
  headers_.clear();
  base_url_ = options.base_url;
  user_.clear();
  password_.clear();
  if (!is_absolute_url(base_url_)) return;
  const Url base = split_url(options.base_url);
  auto found = credentials_of(base);
  if (!found.exist()) return;
  user_ = std::move(found.user);
  password_ = std::move(found.password);
  base_url_.erase(base_url_.find("://") + 3, base.user_info.size() + 1);
}

const std::shared_ptr<const CurlHeaders>& CurlSession::default_headers(const BodyKind& body) {
  return headers_.get(body, [&] { return make_headers(adopted_, {}, body); });
}

}  // namespace katydid
