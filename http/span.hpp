#pragma once

#include "base/recorder.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// What W3C Trace Context tells a request by.
struct SpanIds {
  std::array<std::uint8_t, 16> trace{};
  std::array<std::uint8_t, 8> span{};
};

/// What a span is of: an HTTP request, a call of gRPC, the opening of a WebSocket, or a message on one.
enum class SpanOf : std::uint8_t { http, grpc, websocket, message };

/// A traced request that has ended: OpenTelemetry's span of kind CLIENT. Views only.
struct EndedSpan {
  SpanOf of = SpanOf::http;
  SpanIds ids;
  std::array<std::uint8_t, 8> parent{};  ///< of a message the opening's; else all zeros: none
  std::string_view user_class{}, method{}, name{};
  std::string_view url{};         ///< that was asked for, before redirects
  std::string_view error{};       ///< empty: success
  int status = 0;                 ///< of HTTP; 0: there was no answer
  std::string_view rpc_status{};  ///< of gRPC: "OK"
  int redirects = 0;
  std::chrono::sys_time<std::chrono::nanoseconds> start{};
  std::chrono::nanoseconds duration{};
};

/// Where the spans of a process go. Without one no request is traced, which costs a request a look at a pointer.
class SpanSink {
 public:
  SpanSink(const SpanSink&) = delete;
  SpanSink& operator=(const SpanSink&) = delete;

  /// From any thread.
  virtual void take(const EndedSpan& span) = 0;
  /// Whether requests are to say that they are traced.
  bool propagates() const { return propagates_; }
  /// Whether the trace of this id is among those that are kept, as OpenTelemetry's TraceIdRatioBased decides it.
  bool keeps(std::uint64_t low_bytes_of_trace) const { return low_bytes_of_trace <= last_kept_; }

  /// The one that there is, or null.
  static SpanSink* of_process() { return current.load(std::memory_order_acquire); }

 protected:
  /// `share` of all traces, from above 0 up to 1.
  SpanSink(double share, bool propagates);
  ~SpanSink() { retire(); }
  void become_current() { current.store(this, std::memory_order_release); }
  void retire();

 private:
  static std::atomic<SpanSink*> current;
  std::uint64_t last_kept_;
  bool propagates_;
};

/// A request that is traced, redirects included. Ended by the sample that it is counted by.
class RequestSpan {
 public:
  /// One for a request that begins now, where there is a sink that keeps it; else null.
  static std::unique_ptr<RequestSpan> begin(std::string_view user_class) {
    const SpanSink* const sink = SpanSink::of_process();
    return sink ? begin(*sink, user_class) : nullptr;
  }

  const SpanIds& ids() const { return ids_; }
  /// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "" where requests are not to say so.
  const std::string& traceparent() const { return traceparent_; }
  void end(const Sample& sample) const;
  /// Of a call of gRPC.
  void end_call(const Sample& sample, std::string_view status) const;
  /// Of a WebSocket's opening, by the server's status. What comes later on the WebSocket is below this span.
  void end_opening(const Sample& sample, int status) const;
  void message(const Sample& sample) const;
  /// It was sent, and nobody waited for its answer.
  void cut_off(std::string_view method, std::string_view name, std::string_view url, SpanOf of = SpanOf::http) const;

 private:
  static std::unique_ptr<RequestSpan> begin(const SpanSink& sink, std::string_view user_class);
  EndedSpan ended(const Sample& sample, SpanOf of) const;

  SpanIds ids_;
  std::string user_class_, traceparent_;
  std::chrono::sys_time<std::chrono::nanoseconds> start_{};
};

/// What is said of a span whose user stopped before the answer came.
inline constexpr std::string_view cut_off_error =
    "CutOff: its user stopped before the answer came, so that it is not counted";

/// The header that a traced request says it by.
inline constexpr std::string_view traceparent_header = "traceparent";

/// In hexadecimal digits.
std::string hex_text(const std::uint8_t* bytes, std::size_t size);

}  // namespace katydid
