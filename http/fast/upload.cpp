#include "http/fast/upload.hpp"

#include "http/error_text.hpp"
#include "http/fast/transfer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

namespace katydid {
namespace {

/// Bytes that are taken before they are sent.
constexpr std::size_t enough = 64 * 1024;

}  // namespace

Upload::Upload(FastTransfer& transfer, std::shared_ptr<BodySource> source)
    : transfer_(transfer), source_(std::move(source)) {
  source_->set_sender(this);
}

Upload::~Upload() {
  if (state_ == State::fresh) source_->closed();
  stop();
  source_->set_sender(nullptr);
}

void Upload::take() {
  try {
    state_ = State::sending;
    take_some();
  } catch (const std::exception& error) {
    error_ = body_error(error.what());
  }
}

void Upload::take_some() {
  while (state_ == State::sending && wire_.size() < enough) {
    if (size() == taken_) {  // what a file has got since then is not sent
      source_->closed();
      state_ = State::whole;
      return;
    }
    const BodySource::Next next = source_->next();
    if (state_ != State::sending) return;  // the user's code has ended the request
    switch (next.state) {
      case BodySource::State::piece:
        append(next.piece);
        break;
      case BodySource::State::later:
        if (wire_.empty()) state_ = State::waiting;
        return;
      case BodySource::State::end:
        return end();
    }
  }
}

void Upload::append(std::string_view piece) {
  if (piece.empty()) return;
  if (const auto all = size()) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), *all - taken_)));
    wire_.append(piece);
  } else if (framing_ == Framing::none) {
    wire_.append(piece);
  } else {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
    wire_.append(digits.data(), end).append("\r\n").append(piece).append("\r\n");
  }
  taken_ += piece.size();
}

void Upload::end() {
  state_ = State::whole;
  const auto all = size();
  if (!all && framing_ == Framing::none) return;
  if (!all) {
    wire_.append("0\r\n\r\n");
  } else if (taken_ < *all) {
    error_ = body_error(ended_early(taken_, *all));
  }
}

void Upload::stop() {
  if (!under_way()) return;
  state_ = State::stopped;
  source_->closed();
}

bool Upload::rewind() {
  if (!source_->rewind()) return false;
  state_ = State::fresh;
  taken_ = 0;
  wire_.clear();
  answered = false;
  tidy = true;
  return true;
}

void Upload::on_more() {
  if (state_ == State::waiting) transfer_.send_pieces();
}

}  // namespace katydid
