#include "grpc/message_reader.hpp"

#include "http/content/gzip.hpp"

#include <algorithm>
#include <utility>

namespace katydid {

void append_grpc_message(std::string& out, std::string_view message, bool compressed) {
  const auto size = static_cast<std::uint32_t>(message.size());
  out += compressed ? '\1' : '\0';
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xffU);
  out.append(message);
}

GrpcMessageReader::Progress GrpcMessageReader::feed(std::string_view& bytes) {
  if (failed()) return Progress::failed;
  if (!in_message_) {
    const auto taken = std::min(grpc_prefix_size - prefix_.size(), bytes.size());
    prefix_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (prefix_.size() < grpc_prefix_size) return Progress::more;
    if (read_prefix() == Progress::failed) return Progress::failed;
  }
  if (partial_.empty() && bytes.size() >= size_) {
    const auto whole = bytes.substr(0, static_cast<std::size_t>(size_));
    bytes.remove_prefix(whole.size());
    return finish(whole);
  }
  const auto taken = std::min(static_cast<std::size_t>(size_) - partial_.size(), bytes.size());
  partial_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  if (partial_.size() < size_) return Progress::more;
  decompressed_ = std::exchange(partial_, {});
  if (!compressed_) {
    in_message_ = false;
    message_ = decompressed_;
    return Progress::message;
  }
  const std::string whole = std::move(decompressed_);
  return finish(whole);
}

GrpcMessageReader::Progress GrpcMessageReader::read_prefix() {
  const auto flag = static_cast<unsigned char>(prefix_[0]);
  size_ = 0;
  for (const char byte : prefix_.substr(1)) size_ = size_ << 8U | static_cast<unsigned char>(byte);
  prefix_.clear();
  in_message_ = true;
  compressed_ = flag == 1;
  if (flag > 1) return fail(GrpcCode::internal, "the compressed flag of a message is " + std::to_string(flag));
  if (compressed_ && encoding_ == Encoding::identity)
    return fail(GrpcCode::internal, "a message is compressed, and no grpc-encoding says how");
  if (size_ > most_) return fail(GrpcCode::resource_exhausted, too_large(size_));
  return Progress::more;
}

GrpcMessageReader::Progress GrpcMessageReader::finish(std::string_view whole) {
  in_message_ = false;
  message_ = whole;
  if (!compressed_) return Progress::message;
  switch (gunzip(whole, decompressed_, most_)) {
    case GunzipResult::ok:
      message_ = decompressed_;
      return Progress::message;
    case GunzipResult::too_large:
      return fail(GrpcCode::resource_exhausted,
                  "a message is larger than " + std::to_string(most_) + " bytes when it is decompressed");
    case GunzipResult::broken:
      break;
  }
  return fail(GrpcCode::internal, "a message can't be decompressed: that is no gzip");
}

GrpcMessageReader::Progress GrpcMessageReader::fail(GrpcCode code, std::string message) {
  failure_ = {code, std::move(message)};
  std::string().swap(partial_);
  return Progress::failed;
}

std::string GrpcMessageReader::too_large(std::uint64_t size) const {
  return "a message of " + std::to_string(size) + " bytes is larger than " + std::to_string(most_);
}

}  // namespace katydid
