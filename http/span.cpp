#include "http/span.hpp"

#include "http/response.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace katydid {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Of its own, so that tracing changes nothing of what --seed makes repeatable.
std::mt19937_64& chance() {
  thread_local std::mt19937_64 source = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return source;
}

void put(std::uint8_t* out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(number >> shift);
}

std::uint64_t last_kept(double share) {
  const double bound = std::ldexp(share, 64);
  return bound >= 0x1p64 ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(bound);
}

std::chrono::sys_time<std::chrono::nanoseconds> now() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

}  // namespace

std::atomic<SpanSink*> SpanSink::current = nullptr;

SpanSink::SpanSink(double share, bool propagates) : last_kept_(last_kept(share)), propagates_(propagates) {}

void SpanSink::retire() {
  SpanSink* self = this;
  current.compare_exchange_strong(self, nullptr);
}

std::unique_ptr<RequestSpan> RequestSpan::begin(const SpanSink& sink, std::string_view user_class) {
  std::mt19937_64& random = chance();
  const std::uint64_t low = random();
  if (!sink.keeps(low)) return nullptr;
  auto span = std::make_unique<RequestSpan>();
  put(span->ids_.trace.data(), random());
  put(span->ids_.trace.data() + 8, low);
  put(span->ids_.span.data(), random() | 1);  // none is all zeros
  span->ids_.trace[7] |= 1;
  span->user_class_ = user_class;
  span->start_ = now();
  if (sink.propagates()) {
    span->traceparent_.append("00-").append(hex_text(span->ids_.trace.data(), span->ids_.trace.size()));
    span->traceparent_.append("-").append(hex_text(span->ids_.span.data(), span->ids_.span.size())).append("-01");
  }
  return span;
}

namespace {

void hand_over(const EndedSpan& span) {
  if (SpanSink* const sink = SpanSink::of_process()) sink->take(span);
}

}  // namespace

EndedSpan RequestSpan::ended(const Sample& sample, SpanOf of) const {
  return {.of = of,
          .ids = ids_,
          .user_class = user_class_,
          .method = sample.method,
          .name = sample.name,
          .url = sample.url,
          .error = sample.error,
          .start = start_,
          .duration = std::max(sample.response_time, std::chrono::nanoseconds::zero())};
}

void RequestSpan::end(const Sample& sample) const {
  EndedSpan span = ended(sample, SpanOf::http);
  if (const Response* const response = sample.response) {
    span.status = response->status();
    span.redirects = response->redirects();
    span.duration = response->elapsed();
  }
  hand_over(span);
}

void RequestSpan::end_call(const Sample& sample, std::string_view status) const {
  EndedSpan span = ended(sample, SpanOf::grpc);
  span.rpc_status = status;
  hand_over(span);
}

void RequestSpan::end_opening(const Sample& sample, int status) const {
  EndedSpan span = ended(sample, SpanOf::websocket);
  span.status = status;
  hand_over(span);
}

void RequestSpan::message(const Sample& sample) const {
  EndedSpan span = ended(sample, SpanOf::message);
  span.parent = ids_.span;
  put(span.ids.span.data(), chance()() | 1);
  span.start = now() - span.duration;
  hand_over(span);
}

void RequestSpan::cut_off(std::string_view method, std::string_view name, std::string_view url, SpanOf of) const {
  hand_over({.of = of,
             .ids = ids_,
             .user_class = user_class_,
             .method = method,
             .name = name,
             .url = url,
             .error = cut_off_error,
             .start = start_,
             .duration = now() - start_});
}

std::string hex_text(const std::uint8_t* bytes, std::size_t size) {
  std::string text;
  text.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0xF];
  }
  return text;
}

}  // namespace katydid
