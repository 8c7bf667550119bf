#include "http/curl/body.hpp"

#include "http/curl/transfer.hpp"

#include <utility>

namespace katydid {

CurlBody::~CurlBody() {
  if (transfer_) CurlBody::abandon();
}

bool CurlBody::take_in(std::string_view bytes) {
  bytes_ += bytes.size();
  if (decoder_) return decoder_->feed(bytes, receiving(), most_pending());
  receiving().append(bytes);
  return true;
}

void CurlBody::finish(std::string error) {
  transfer_ = nullptr;
  if (decoder_) {
    if (error.empty()) decoder_->finish();
    if (!decoder_->error().empty()) error = decoder_->error();  // and not that libcurl could not write it
  }
  ended(std::move(error));
}

/// libcurl hands over what it holds as soon as it is told to go on: not in the middle of the user's reading.
void CurlBody::hold(bool held) {
  held_ = held;
  if (!held) transfer_->tell_soon();
}

void CurlBody::abandon() { std::exchange(transfer_, nullptr)->let_go(); }

}  // namespace katydid
