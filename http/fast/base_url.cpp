#include "http/fast/base_url.hpp"

#include <utility>

namespace katydid {

BaseUrl::BaseUrl(std::string text) : text_(std::move(text)) {
  assign_url(prefix_, text_, "/");
  prefix_.pop_back();
  const Url parts = split_url(prefix_);
  secure_ = parts.secure;
  user_info_ = place_of(parts.user_info);
  host_ = place_of(parts.host);
  port_ = place_of(parts.port);
  target_ = prefix_.size() - parts.target.size();
  checked_ = is_absolute_url(prefix_) && leads_somewhere(parts) && host_error(parts, prefix_).empty();
}

BaseUrl::Place BaseUrl::place_of(std::string_view part) const {
  if (part.empty()) return {};
  return {.begin = static_cast<std::size_t>(part.data() - prefix_.data()), .size = part.size()};
}

BaseUrl::Made BaseUrl::assign(std::string& out, std::string_view path) const {
  if (!checked_ || !path.starts_with('/')) {
    assign_url(out, text_, path);
    return {.parts = split_url(out)};
  }
  out = prefix_;
  append_quoted_url(out, path);
  const std::string_view url = out;
  return {.parts = {.secure = secure_,
                    .user_info = user_info_.in(url),
                    .host = host_.in(url),
                    .port = port_.in(url),
                    .target = url.substr(target_)},
          .checked = true};
}

}  // namespace katydid
