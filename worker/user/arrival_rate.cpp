#include "worker/user/arrival_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

constexpr double forever = std::numeric_limits<double>::infinity();

void check(double rate) {
  if (!(rate >= 0) || std::isinf(rate)) {
    throw std::invalid_argument("an arrival rate must be a number that is not negative");
  }
}

}  // namespace

ArrivalRate::ArrivalRate(double per_second) {
  check(per_second);
  pieces_.push_back({0, forever, per_second, per_second});
}

ArrivalRate ArrivalRate::stages(const std::vector<Stage>& stages, double start) {
  if (stages.empty()) throw std::invalid_argument("ArrivalRate::stages needs at least one stage");
  check(start);
  ArrivalRate made;
  double begin = 0, rate = start;
  for (const Stage& stage : stages) {
    check(stage.rate);
    const double length = std::chrono::duration<double>(stage.duration).count();
    if (length < 0) throw std::invalid_argument("a stage of an arrival rate must not last less than 0 seconds");
    if (length > 0) made.pieces_.push_back({begin, begin + length, rate, stage.rate});
    begin += length;
    rate = stage.rate;
  }
  made.pieces_.push_back({begin, forever, rate, rate});
  return made;
}

ArrivalRate ArrivalRate::poisson() const {
  ArrivalRate copy = *this;
  copy.poisson_ = true;
  return copy;
}

double ArrivalRate::at(double time) const {
  const auto piece = std::ranges::find_if(pieces_, [time](const Piece& each) { return time < each.end; });
  return piece == pieces_.end() ? pieces_.back().to : piece->at(std::max(time, piece->begin));
}

double ArrivalRate::expected(double from, double to) const {
  double sum = 0;
  for (const Piece& piece : pieces_) {
    const double begin = std::max(from, piece.begin), end = std::min(to, piece.end);
    if (begin < end) sum += (piece.at(begin) + piece.at(end)) / 2 * (end - begin);
  }
  return sum;
}

double ArrivalRate::when(double from, double arrivals) const {
  for (const Piece& piece : pieces_) {
    const double begin = std::max(from, piece.begin);
    if (begin >= piece.end) continue;
    const double rate = piece.at(begin), slope = piece.slope();
    if (!std::isinf(piece.end)) {
      const double here = (rate + piece.to) / 2 * (piece.end - begin);
      if (here < arrivals) {
        arrivals -= here;
        continue;
      }
    }
    // arrivals = rate * x + slope / 2 * x², in the form that keeps its digits where the slope is small.
    const double divisor = rate + std::sqrt(std::max(0.0, rate * rate + 2 * slope * arrivals));
    if (divisor == 0 && arrivals > 0) return forever;
    if (divisor == 0) return begin;
    return std::min(begin + 2 * arrivals / divisor, piece.end);
  }
  return forever;
}

}  // namespace katydid
