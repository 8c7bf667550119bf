#include "worker/metrics/export.hpp"

#include "worker/metrics/otlp.hpp"

#include <utility>

namespace katydid::metrics {

Export::Export(const asio::any_io_executor& executor, const Book& book, otel::Exporter& exporter)
    : book_(book), exporter_(exporter), timer_(executor) {
  if (exporter_.settings().metrics.on) send_later();
}

void Export::send_later() {
  timer_.expires_after(exporter_.settings().interval);
  timer_.async_wait([this](asio::error_code error) {
    if (error) return;
    if (settle()) send();
    send_later();
  });
}

bool Export::settle() {
  if (!receipt_) return true;
  const auto delivery = receipt_->load();
  if (delivery == otel::Exporter::Delivery::under_way) return false;
  receipt_.reset();
  if (delivery == otel::Exporter::Delivery::sent && exporter_.settings().delta) {
    sent_ = std::move(under_way_);
    from_ = under_way_at_;
  }
  return true;
}

void Export::send() {
  const bool delta = exporter_.settings().delta;
  under_way_at_ = std::chrono::system_clock::now();
  receipt_ = exporter_.send_metrics(
      metrics_message({.book = book_, .since = delta ? &sent_ : nullptr, .from = from_, .now = under_way_at_},
                      exporter_.resource(), exporter_.settings().metrics.format));
  if (delta) under_way_ = book_;
}

void Export::finish() {
  timer_.cancel();
  exporter_.hurry();
  if (exporter_.settings().metrics.on) {
    exporter_.wait_for_metrics();
    settle();
    send();
  }
  exporter_.finish();
}

}  // namespace katydid::metrics
