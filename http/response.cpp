#include "http/response.hpp"

#include "base/pooling.hpp"
#include "base/python_repr.hpp"
#include "http/header_text.hpp"
#include "http/large_bodies.hpp"
#include "http/reason_phrase.hpp"

#include <charconv>
#include <new>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

/// A content and its place in the list of those that nobody uses.
struct Pooled : Response::Content {
  Pooled* next = nullptr;
};

struct Pool {
  // Users wait with the answer that they look at, not with many: what a burst leaves over is given back.
  static constexpr int most = 128;
  static constexpr std::size_t largest_kept = 4096;

  Pooled* first = nullptr;
  int size = 0;
  ~Pool() {
    while (first) delete std::exchange(first, first->next);
  }
};

thread_local Pool pool;

void empty(std::string& text) {
  if (text.capacity() > Pool::largest_kept) {
    recycle_body(text);  // what is assigned from an empty one keeps its memory
  } else {
    text.clear();
  }
}

}  // namespace

const Response::Content Response::nothing;

Response::ContentPointer Response::new_content() {
  if (!pools_memory || !pool.first) return ContentPointer(new Pooled);
  --pool.size;
  return ContentPointer(std::exchange(pool.first, pool.first->next));
}

void Response::Recycle::operator()(Content* content) const noexcept {
  auto* const pooled = static_cast<Pooled*>(content);
  if (!pools_memory || pool.size >= Pool::most) {
    delete pooled;
    return;
  }
  content->status = 0;
  content->has_reason = true;
  content->elapsed = {};
  content->phases = {};
  content->discarded = 0;
  content->redirects = 0;
  content->history.clear();
  for (std::string* text : {&content->error, &content->header_block, &content->body, &content->checksum, &content->url,
                            &content->asked_url, &content->reason})
    empty(*text);
  pooled->next = std::exchange(pool.first, pooled);
  ++pool.size;
}

Response::Response(Content content) : content_(new_content()) { *content_ = std::move(content); }

Response& Response::operator=(Response&& other) noexcept {
  if (this != &other) {
    record();
    content_ = std::move(other.content_);
    pending_ = std::move(other.pending_);
    stream_ = std::move(other.stream_);
  }
  return *this;
}

std::string_view Response::header(std::string_view name) const {
  std::string_view value;
  visit_fields(content().header_block, [&](Field field) {
    if (!same_name(field.name, name)) return false;
    value = field.value;
    return true;
  });
  return value;
}

std::vector<Field> Response::headers() const {
  std::vector<Field> all;
  visit_fields(content().header_block, [&](Field field) {
    all.push_back(field);
    return false;
  });
  return all;
}

std::string_view Response::reason() const {
  if (!content().has_reason) return {};
  return content().reason.empty() ? reason_phrase(content().status) : std::string_view(content().reason);
}

std::uint64_t Response::length() const {
  if (!stream_) return content().body.size() + content().discarded;
  std::uint64_t length = 0;
  const std::string_view text = trimmed(header("Content-Length"));
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

void Response::success() { judge("success()", {}); }

void Response::failure(std::string_view reason) {
  judge("failure()", "CatchResponseError(" + python_repr(reason) + ")");
}

void Response::rename(std::string_view name) { pending("rename()").name = name; }

void Response::set_response_time(std::chrono::nanoseconds time) { pending("set_response_time()").response_time = time; }

void Response::judge(const char* call, std::string verdict) {
  Pending& judged = pending(call);
  judged.verdict = std::move(verdict);
  judged.judged = true;
}

Response::Pending& Response::pending(const char* call) {
  if (!pending_) throw std::logic_error(std::string(call) + " needs a request made with catch_response");
  return *pending_;
}

void Response::record_later(Recorder& recorder, std::string_view method, std::string_view name,
                            std::unique_ptr<Value> context, std::unique_ptr<RequestSpan> span) {
  pending_ = std::make_unique<Pending>(Pending{.recorder = &recorder,
                                               .method = std::string(method),
                                               .name = std::string(name),
                                               .verdict = content().error,
                                               .context = std::move(context),
                                               .span = std::move(span)});
}

void Response::record() {
  if (!pending_) return;
  const auto pending = std::move(pending_);
  const Sample sample{.method = pending->method,
                      .name = pending->name,
                      .response_time = pending->response_time.value_or(content().elapsed),
                      .response_length = length(),
                      .error = !pending->judged && pending->verdict.empty() ? stream_error() : pending->verdict,
                      .url = asked_url(),
                      .context = pending->context.get(),
                      .response = this,
                      .phases = &phases()};
  try {
    pending->recorder->record(sample);
    if (pending->span) pending->span->end(sample);
  } catch (const std::bad_alloc&) {  // this may be a destructor
  }
}

std::string status_error(int status, std::string_view reason, std::string_view name) {
  if (status < 400) return {};
  if (reason.empty()) reason = reason_phrase(status);
  const std::string_view kind = status < 500   ? " Client Error: "
                                : status < 600 ? " Server Error: "
                                               : " Unknown Error: ";
  std::string text = std::to_string(status);
  text.append(kind).append(reason).append(" for url: ").append(name);
  return "HTTPError(" + python_repr(text) + ")";
}

}  // namespace katydid
