#include "http/content/decoder.hpp"

#include "http/content/brotli.hpp"
#include "http/content/inflater.hpp"
#include "http/error_text.hpp"
#include "http/header_text.hpp"

#include <array>

namespace katydid {
namespace {

constexpr std::size_t most_encodings = 5;  // libcurl's; nobody needs more than one
constexpr std::size_t buffer_size = 16 * 1024;

}  // namespace

ContentDecoder::ContentDecoder() = default;
ContentDecoder::~ContentDecoder() = default;

void ContentDecoder::start(std::string_view content_encoding) {
  stages_.clear();
  inflaters_used_ = 0;
  brotlis_.clear();
  refusal_.clear();
  unknown_.clear();
  error_.clear();
  add(content_encoding);
}

void ContentDecoder::add(std::string_view list) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto encoding = trimmed(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    if (!encoding.empty() && refusal_.empty() && unknown_.empty()) push(encoding);
  }
}

void ContentDecoder::start_for(std::string_view header_block) {
  start({});
  visit_fields(header_block, [&](Field field) {
    if (same_name(field.name, "Content-Encoding")) add(field.value);
    return false;
  });
}

void ContentDecoder::push(std::string_view encoding) {
  if (same_name(encoding, "identity")) return;
  if (stages_.size() == most_encodings) {
    refusal_ = "ContentDecodingError: more than " + std::to_string(most_encodings) + " encodings one upon another";
    return;
  }
  const bool gzip = same_name(encoding, "gzip") || same_name(encoding, "x-gzip");
  if (gzip || same_name(encoding, "deflate")) {
    if (inflaters_used_ == inflaters_.size()) inflaters_.push_back(std::make_unique<Inflater>());
    Inflater& inflater = *inflaters_[inflaters_used_++];
    inflater.start(gzip ? Inflater::Format::gzip : Inflater::Format::deflate);
    stages_.push_back({&inflater});
  } else if (has_brotli() && same_name(encoding, "br")) {
    stages_.push_back({brotlis_.emplace_back(make_brotli()).get()});
  } else {
    unknown_ = encoding;
    stages_.clear();
  }
}

bool ContentDecoder::decode(std::string& body, std::uint64_t max_body) {
  if (body.empty() || (stages_.empty() && refusal_.empty())) return true;
  std::string decoded;
  if (!feed(body, decoded, max_body) || !finish()) return false;
  body = std::move(decoded);
  return true;
}

bool ContentDecoder::feed(std::string_view bytes, std::string& out, std::uint64_t max_body) {
  if (bytes.empty()) return true;
  if (!refusal_.empty()) return fail(refusal_);
  return run(stages_.size(), bytes, out, max_body);
}

bool ContentDecoder::run(std::size_t stages, std::string_view bytes, std::string& out, std::uint64_t max_body) {
  if (stages == 0) {
    if (out.size() > max_body || bytes.size() > max_body - out.size()) return fail_too_large(max_body);
    out.append(bytes);
    return true;
  }
  Stage& stage = stages_[stages - 1];
  std::array<char, buffer_size> buffer;  // NOLINT(*-member-init): filled below, and costly to clear
  while (true) {
    std::size_t written = 0;
    const auto step = stage.codec->step(bytes, buffer, written);
    stage.made += written;
    // In between it costs no memory, but time: a bomb in a bomb.
    if (stage.made > max_body) return fail_too_large(max_body);
    if (written > 0 && !run(stages - 1, {buffer.data(), written}, out, max_body)) return false;
    if (step == Codec::Step::failed) {
      return fail("ContentDecodingError: the body is not what its Content-Encoding says, " +
                  std::string(stage.codec->name()) + ": " + stage.codec->error());
    }
    if (step == Codec::Step::end || (bytes.empty() && written < buffer.size())) return true;
  }
}

bool ContentDecoder::finish() {
  for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage) {
    if (stage->codec->may_end_here()) continue;
    return fail("ContentDecodingError: the body ends in the middle of its " + std::string(stage->codec->name()) +
                " data");
  }
  return true;
}

bool ContentDecoder::fail(std::string error) {
  error_ = std::move(error);
  return false;
}

bool ContentDecoder::fail_too_large(std::uint64_t max_body) { return fail(body_too_large(max_body)); }

}  // namespace katydid
