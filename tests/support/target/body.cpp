#include "tests/support/target/body.hpp"

#include "tests/support/target/text.hpp"

#include <algorithm>
#include <charconv>

namespace katydid::target {
namespace {

constexpr std::size_t longest_line = 8 * 1024;
constexpr int most_trailers = 100;

}  // namespace

BodyReader::BodyReader(Input& input, const Request& request)
    : input_(input),
      chunked_(request.framing == Request::Framing::chunked),
      state_(chunked_         ? State::size_line
             : request.length ? State::data
                              : State::finished),
      left_(request.length) {}

Task<std::string_view> BodyReader::next() {
  for (;;) {
    switch (state_) {
      case State::size_line:
        co_await read_size_line();
        break;
      case State::data: {
        if (input_.empty() && !co_await input_.fill()) {
          state_ = State::broken;
          break;
        }
        auto piece = input_.view();
        piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left_)));
        input_.consume(piece.size());
        left_ -= piece.size();
        if (left_ == 0) state_ = chunked_ ? State::data_end : State::finished;
        co_return piece;
      }
      case State::data_end: {
        std::string_view line;
        state_ = co_await read_line(line) && line.empty() ? State::size_line : State::broken;
        break;
      }
      case State::trailers:
        co_await skip_trailers();
        break;
      case State::finished:
      case State::broken:
        co_return std::string_view{};
    }
  }
}

Task<bool> BodyReader::read_line(std::string_view& line) {
  for (;;) {
    const auto view = input_.view();
    const auto end = view.find('\n');
    if (end != std::string_view::npos) {
      if (end == 0 || view[end - 1] != '\r') co_return false;
      line = view.substr(0, end - 1);
      input_.consume(end + 1);
      co_return true;
    }
    if (view.size() > longest_line || !co_await input_.fill()) co_return false;
  }
}

Task<> BodyReader::read_size_line() {
  std::string_view line;
  state_ = State::broken;
  if (!co_await read_line(line)) co_return;
  const auto digits = trim(line.substr(0, line.find(';')));  // an extension may follow
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) co_return;
  state_ = left_ ? State::data : State::trailers;
}

Task<> BodyReader::skip_trailers() {
  state_ = State::broken;
  for (int lines = 0; lines <= most_trailers; ++lines) {
    std::string_view line;
    if (!co_await read_line(line)) co_return;
    if (line.empty()) {
      state_ = State::finished;
      co_return;
    }
  }
}

}  // namespace katydid::target
