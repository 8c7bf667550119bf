// Whatever a server sends over HTTP/2: each request ends once, with an answer or with an error that can be shown.
#include "http/fast/connection_user.hpp"
#include "http/fast/http2/head.hpp"
#include "http/fast/http2/session.hpp"
#include "http/fast/response_parser.hpp"
#include "tests/fuzz/expect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

using namespace katydid;

namespace {

constexpr std::uint64_t most_body = 100'000;

struct Owner final : Http2Session::Owner {
  void on_output() override {}
  void on_room() override {}
  std::string session_place() const override { return "127.0.0.1:80"; }
};

/// A request that takes its answer as FastTransfer does.
class User final : public ConnectionUser {
 public:
  enum class Way { waits, holds, sends, gives_up };

  User(Http2Session& session, Way way) : stream_(&session.add(*this)), way_(way) {
    parser_.start({.in_pieces = way == Way::holds}, most_body);
  }

  bool ended() const { return !stream_; }

  void on_open() override {
    const Http2Head head{
        .method = "POST", .scheme = "http", .authority = "a", .path = "/", .lines = "Te: trailers\r\n"};
    stream_->begin(head, way_ == Way::sends ? Http2Stream::Body::follows : Http2Stream::Body::none);
    if (way_ != Way::sends) return;
    stream_->send_owned(std::string(70'000, 'x'), false);
    stream_->tell_when_sent();
  }
  void on_sent() override { stream_->send({}, true); }
  bool on_field(std::string_view name, std::string_view value) override {
    return parser_.take_field(name, value, content_);
  }
  bool on_fields_end() override {
    if (!parser_.end_of_fields(content_)) return false;
    if (way_ == Way::holds) stream_->hold(true);
    if (way_ == Way::gives_up) end().give_up();
    return true;
  }
  std::string refusal() const override { return parser_.error(); }
  void on_received(std::string_view bytes) override {
    if (parser_.feed(bytes, content_) == ResponseParser::Progress::failed) return on_failed(parser_.error());
    expect(content_.body.size() <= most_body || way_ == Way::holds, "a body is bounded");
    if (way_ == Way::holds && content_.body.size() % 3 == 0) stream_->hold(false);
  }
  void on_whole() override {
    expect(parser_.end_of_frames() == ResponseParser::Progress::done, "what is whole has a head");
    expect(content_.status >= 200, "and a status");
    way_ == Way::sends ? end().give_up() : end().finish();
  }
  void on_ended(int) override { end().give_up(); }
  void on_truncated(std::string error) override { on_failed(std::move(error)); }
  void on_failed(std::string error) override {
    expect(!error.empty() && error.size() < 400, "an error has a text, and a short one");
    expect(std::ranges::all_of(error, [](char c) { return c >= ' ' && c <= '~'; }), "an error can be shown");
    end().give_up();
  }
  void fail_soon(std::string error) override { on_failed(std::move(error)); }

 private:
  Http2Stream& end() {
    expect(stream_, "a request ends once");
    return *std::exchange(stream_, nullptr);
  }

  Http2Stream* stream_;
  Way way_;
  ResponseParser parser_;
  Response::Content content_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const auto piece = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[0])) * 8 + 1;
  bytes.remove_prefix(1);
  Owner owner;
  Http2Fields fields;
  Http2Session session(owner, fields);
  std::array users{User(session, User::Way::waits), User(session, User::Way::holds), User(session, User::Way::sends),
                   User(session, User::Way::gives_up)};
  session.open();
  session.tell_open();
  std::string out;
  while (true) {
    out.clear();
    if (session.has_output()) session.produce(out, 1 << 20);
    expect(out.size() < 2 << 20, "what is sent is bounded");
    session.tell_sent();
    if (bytes.empty() || session.is_over()) break;
    session.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  const std::string error = session.error();
  session.end_all([&](ConnectionUser& user) { error.empty() ? user.on_ended(0) : user.on_failed(error); });
  for (const auto& user : users) expect(user.ended(), "each request ends");
  expect(session.active() == 0, "and is counted as such");
  return 0;
}
