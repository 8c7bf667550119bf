#include "worker/otel/exporter.hpp"

#include "worker/log/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace katydid::otel {
namespace {
constexpr log::Logger logger{"katydid.otel"};
}  // namespace

Exporter::Exporter(Settings settings)
    : SpanSink(settings.traces.on ? settings.share : 1, settings.propagates), settings_(std::move(settings)) {
  if (settings_.traces.on) become_current();
}

Exporter::~Exporter() { finish(); }

Pairs Exporter::resource() const {
  Pairs resource = settings_.resource;
  const auto named = [&](std::string_view name) {
    return std::ranges::find(resource, name, &Pairs::value_type::first);
  };
  if (named("service.instance.id") != resource.end()) return resource;
  const auto host = named("host.name");
  const std::string where = host == resource.end() ? "" : host->second + "/";
  resource.emplace_back("service.instance.id", where + std::to_string(::getpid()));
  return resource;
}

void Exporter::begin_thread() {
  std::call_once(begun_, [this] { thread_ = std::thread([this] { run(); }); });
}

void Exporter::take(const EndedSpan& span) {
  begin_thread();
  bool wakes = false, first_dropped = false;
  {
    const std::lock_guard lock(mutex_);
    if (ends_ || spans_.size() >= settings_.most_spans) {
      first_dropped = dropped_++ == 0;
    } else {
      spans_.emplace_back(span);
      wakes = spans_.size() == settings_.batch;
    }
  }
  if (wakes) changed_.notify_one();
  if (first_dropped) {
    logger.warning(
        "spans come faster than they can be sent, so some are dropped. Trace a smaller share of requests "
        "(OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=0.01), or let more of them wait "
        "(OTEL_BSP_MAX_QUEUE_SIZE, now {})",
        settings_.most_spans);
  }
}

Exporter::Receipt Exporter::send_metrics(std::string message) {
  begin_thread();
  auto receipt = std::make_shared<std::atomic<Delivery>>(Delivery::under_way);
  {
    const std::lock_guard lock(mutex_);
    metrics_ = std::move(message);
    receipt_ = receipt;
  }
  changed_.notify_one();
  return receipt;
}

void Exporter::hurry() {
  const auto limit = std::max(settings_.metrics.timeout, settings_.traces.timeout);
  {
    const std::lock_guard lock(mutex_);
    if (ends_at_.load() != clock::time_point::max()) return;
    ends_at_ = clock::now() + limit;
  }
  changed_.notify_all();
}

void Exporter::wait_for_metrics() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return !receipt_ || *receipt_ != Delivery::under_way; });
}

void Exporter::finish() {
  hurry();
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  retire();
  if (!thread_.joinable()) return;
  thread_.join();
  if (dropped_ > 0) logger.warning("{} spans were dropped, as they came faster than they could be sent", dropped());
  if (unsent_ > 0) logger.warning("{} spans could not be sent", unsent_);
}

void Exporter::run() {
  const auto sleep = [this](clock::time_point when, Post::Obstacle obstacle) { return sleep_until(when, obstacle); };
  Post metrics(settings_.metrics, "metrics", sleep, ends_at_);
  Post traces(settings_.traces, "spans", sleep, ends_at_);
  const auto send = [](Post& post, const std::string& message) {
    try {
      return post.send(message);
    } catch (const std::exception& error) {
      logger.error("an export to OpenTelemetry failed: {}", error.what());
      return Post::Outcome::failed;
    }
  };
  const auto has_work = [this] { return ends_ || !metrics_.empty() || spans_.size() >= settings_.batch; };
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, settings_.delay, has_work);
    if (!metrics_.empty()) {
      const std::string message = std::exchange(metrics_, {});
      const Receipt receipt = receipt_;
      lock.unlock();
      const bool sent = send(metrics, message) == Post::Outcome::sent;
      lock.lock();
      *receipt = sent ? Delivery::sent : Delivery::failed;
      settled_.notify_all();
    }
    if (!spans_.empty()) {
      const auto end = spans_.begin() + static_cast<std::ptrdiff_t>(std::min(settings_.batch, spans_.size()));
      const std::vector<Span> batch(std::make_move_iterator(spans_.begin()), std::make_move_iterator(end));
      spans_.erase(spans_.begin(), end);
      lock.unlock();
      const std::string message = traces_message(batch, resource(), settings_.traces.format);
      const bool sent = send(traces, message) == Post::Outcome::sent;
      lock.lock();
      if (!sent) unsent_ += batch.size();
    }
    if (ends_ && metrics_.empty() && spans_.empty()) return;
  }
}

bool Exporter::sleep_until(clock::time_point when, Post::Obstacle obstacle) {
  std::unique_lock lock(mutex_);
  const auto hurries = [this] { return ends_at_.load() != clock::time_point::max(); };
  if (obstacle == Post::Obstacle::no_connection) return !changed_.wait_until(lock, when, hurries);
  const auto until = [&] { return std::min(when, ends_at_.load()); };
  while (clock::now() < until()) changed_.wait_until(lock, until());
  return when < ends_at_.load();
}

}  // namespace katydid::otel
