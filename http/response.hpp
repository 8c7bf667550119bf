#pragma once

#include "base/phases.hpp"
#include "base/recorder.hpp"
#include "base/value.hpp"
#include "http/fields.hpp"
#include "http/span.hpp"
#include "http/stream/body_stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The answer to a request, or what went wrong instead: failure is data, requests never throw.
///
/// A request is recorded when it completes. With `catch_response` the task judges it by success() or failure(), and it
/// is recorded when the response goes out of scope (as Locust's `with` block does), by its status where the task said
/// nothing.
class Response {
 public:
  /// What a client fills in.
  struct Content {
    int status = 0;            // 0: no answer came
    std::string error;         // "" or what went wrong, fit for Locust's failures table
    std::string header_block;  // raw lines of the last answer, CRLF between them, without the status line
    std::string body;
    std::string checksum;    // of the body, in hexadecimal, when the request asked for one
    std::string url;         // the final one, after redirects
    std::string asked_url;   // the first one, "" without redirects
    std::string reason;      // the server's words beside the status, "" where they are the usual ones
    bool has_reason = true;  // false: there were no words at all
    std::chrono::nanoseconds elapsed{};
    Phases phases{};
    std::uint64_t discarded = 0;  // bytes of the body that were counted and not kept
    int redirects = 0;
    std::vector<Content> history{};  // the redirects on the way, when the request asked for them
  };

  /// Goes back to its thread's pool, where the memory of its strings serves the next answer.
  struct Recycle {
    void operator()(Content* content) const noexcept;
  };
  using ContentPointer = std::unique_ptr<Content, Recycle>;
  /// An empty one.
  static ContentPointer new_content();

  Response() = default;
  explicit Response(Content content);
  explicit Response(ContentPointer content) noexcept : content_(std::move(content)) {}
  Response(Response&&) noexcept = default;
  Response& operator=(Response&& other) noexcept;
  ~Response() {
    if (pending_) record();
  }

  /// The HTTP status, 0 when no answer came.
  int status() const { return content().status; }
  /// Status below 400 and no error.
  bool ok() const { return content().error.empty() && content().status > 0 && content().status < 400; }
  explicit operator bool() const { return ok(); }
  /// "" or why the request failed: a connection error, or the status from 400 up.
  const std::string& error() const { return content().error; }

  /// "" of a stream.
  const std::string& body() const { return content().body; }
  const std::string& text() const { return content().body; }
  /// The body as JSON; throws std::runtime_error that says where it isn't.
  Value json() const { return Value::parse(content().body); }
  /// Of the body in bytes, with `discard_body` as they were sent; of a stream what its Content-Length says, 0 without
  /// one.
  std::uint64_t length() const;

  /// What RequestOptions::checksum asked for, in lower-case hexadecimal digits; "" without it, or when no answer came.
  const std::string& checksum() const { return content().checksum; }

  /// With `stream`: what has come of the body, at most so many bytes and at least one, valid until the next await. ""
  /// at the end: then stream_error() says whether all of it has come.
  ReadPiece read(std::size_t most = std::string::npos) { return {stream_.get(), most}; }
  /// The next line, without its end (LF, CRLF or CR), valid until the next await; nothing after the last one.
  ReadLine line() { return ReadLine(stream_.get()); }
  /// The next server-sent event, valid until the next await; nothing after the last one.
  ReadEvent next_event() { return ReadEvent(stream_.get()); }
  /// Why the body ended before its end, or "".
  const std::string& stream_error() const { return stream_ ? stream_->error() : nothing.error; }
  /// Null without `stream`. Gone with the response, it closes its connection, unless all has come.
  BodyStream* stream() const { return stream_.get(); }
  /// Reads no more of it.
  void close_stream() {
    if (stream_) stream_->close();
  }

  /// The first header of that name (in any case of letters), "" when there is none.
  std::string_view header(std::string_view name) const;
  /// All headers, in order.
  std::vector<Field> headers() const;

  /// The URL that answered, after redirects.
  const std::string& url() const { return content().url; }
  int redirects() const { return content().redirects; }
  /// The URL that was asked for, before redirects.
  const std::string& asked_url() const { return content().asked_url.empty() ? content().url : content().asked_url; }
  /// The words beside the status: "Not Found".
  std::string_view reason() const;
  /// What answered with a redirect on the way, the first one first; only with `keep_history`.
  const std::vector<Content>& history() const { return content().history; }
  /// From sending the first byte to receiving the last, or of a stream the last of the head.
  std::chrono::nanoseconds elapsed() const { return content().elapsed; }
  /// What that time consists of: `response.phases().first_byte`.
  const Phases& phases() const { return content().phases; }

  /// Only with `catch_response`, without which they throw std::logic_error; the last call counts. @{
  void success();
  void failure(std::string_view reason);
  /// What it is recorded as, in place of the name that it was asked with: Locust's `request_meta["name"]`.
  void rename(std::string_view name);
  /// What is recorded as its response time: Locust's `request_meta["response_time"]`.
  void set_response_time(std::chrono::nanoseconds time);
  /// Records it now, by the last call of these, and not when it goes; later calls are errors.
  void record();
  /// @}
  bool is_recorded() const { return !pending_; }

  /// For clients: the request is recorded as `method name` when this response goes, and its span, if it has one, ends.
  void record_later(Recorder& recorder, std::string_view method, std::string_view name,
                    std::unique_ptr<Value> context = {}, std::unique_ptr<RequestSpan> span = {});
  /// What it holds, without a body that is read as it comes, and recorded already.
  Response copy() const { return Response(Content(content())); }
  /// For clients.
  void read_from(std::unique_ptr<BodyStream> stream) { stream_ = std::move(stream); }

 private:
  struct Pending {
    Recorder* recorder;
    std::string method, name;
    std::string verdict;  // the error to record
    bool judged = false;  // by the task
    std::optional<std::chrono::nanoseconds> response_time{};
    std::unique_ptr<Value> context;
    std::unique_ptr<RequestSpan> span;
  };
  Pending& pending(const char* call);
  void judge(const char* call, std::string verdict);

  const Content& content() const { return content_ ? *content_ : nothing; }

  static const Content nothing;
  ContentPointer content_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<BodyStream> stream_;
};

/// The error text for an answer with that status: "" below 400, otherwise what Locust shows, e.g.
/// `HTTPError('404 Client Error: Not Found for url: /missing')` with the entry's name in place of the full URL.
std::string status_error(int status, std::string_view reason_phrase, std::string_view name);

}  // namespace katydid
