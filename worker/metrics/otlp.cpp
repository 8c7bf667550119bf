#include "worker/metrics/otlp.hpp"

#include "worker/metrics/book.hpp"
#include "worker/otel/common.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace katydid::metrics {
namespace {

using otel::Attributes;
using otel::Field;

constexpr Field resource_metrics{1, "resourceMetrics"}, scope_metrics{2, "scopeMetrics"}, metrics_field{2, "metrics"};
constexpr Field name_field{1, "name"}, description{2, "description"}, unit_field{3, "unit"};
constexpr Field gauge{5, "gauge"}, sum_field{7, "sum"}, histogram{9, "histogram"};
constexpr Field data_points{1, "dataPoints"}, temporality{2, "aggregationTemporality"}, monotonic{3, "isMonotonic"};
constexpr Field start_time{2, "startTimeUnixNano"}, time_field{3, "timeUnixNano"};
constexpr Field number_attributes{7, "attributes"}, as_int{6, "asInt"};
constexpr Field histogram_attributes{9, "attributes"}, count_field{4, "count"}, total_field{5, "sum"};
constexpr Field bucket_counts{6, "bucketCounts"}, explicit_bounds{7, "explicitBounds"};

std::uint64_t nanoseconds(std::chrono::system_clock::time_point time) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(since_epoch.count());
}

/// Those that semantic conventions know.
bool is_http(std::string_view method) {
  constexpr std::array<std::string_view, 9> methods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                    "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::ranges::find(methods, method) != methods.end();
}

template <class Map>
const typename Map::mapped_type* find(const Map* map, const typename Map::key_type& key) {
  if (!map) return nullptr;
  const auto found = map->find(key);
  return found == map->end() ? nullptr : &found->second;
}

}  // namespace

/// Knows the inside of books.
class OtlpPage {
 public:
  using Times = Book::Times;

  OtlpPage(const Exported& exported, const otel::Pairs& resource, otel::Format format)
      : exported_(exported), book_(exported.book), since_(exported.since), writer_(otel::Writer::make(format)) {
    otel::begin_export(*writer_, resource_metrics, scope_metrics, resource);
    writer_->begin_list(metrics_field);
  }

  std::string text() {
    requests();
    errors();
    others();
    writer_->end_list();
    otel::end_export(*writer_);
    return writer_->take();
  }

 private:
  /// A member of the book that it is counted from, or null.
  template <auto Member>
  auto before() const {
    return since_ ? &(since_->*Member) : nullptr;
  }

  void requests() {
    const auto* const entries = before<&Book::entries_>();
    const auto all_times = [&](auto wanted, auto put) {
      for (const auto& [name, entry] : book_.entries_) {
        const Book::Entry* const old = find(entries, name);
        if (wanted(name.first)) point(entry.times, old ? &old->times : nullptr, [&](Attributes& to) { put(to, name); });
      }
    };
    metric("http.client.request.duration", "Duration of HTTP client requests.", "s", histogram, [&] {
      all_times(is_http, [](Attributes& to, const Book::Name& name) {
        to.put("http.request.method", name.first);
        to.put("name", name.second);
      });
    });
    metric("locust.client.duration", "Time to last byte for requests", "s", histogram,
           [&] { all_times([](std::string_view) { return true; }, put_name); });
    const auto counter = [&](std::string_view name, std::string_view help, std::string_view unit, auto member) {
      metric(name, help, unit, sum_field, [&] {
        for (const auto& [key, entry] : book_.entries_) {
          const Book::Entry* const old = find(entries, key);
          point(entry.*member, old ? old->*member : 0, [&](Attributes& to) { put_name(to, key); });
        }
      });
    };
    counter("locust.client.requests", "Requests that were counted, failed ones too.", "{request}",
            &Book::Entry::requests);
    counter("locust.client.failures", "Requests that failed.", "{request}", &Book::Entry::failures);
    counter("locust.client.response.bytes", "Bytes of the bodies of answers.", "By", &Book::Entry::bytes);
    metric("locust.client.phase.duration", "Where the time of requests went.", "s", histogram, [&] {
      for (const auto& [place, times] : book_.phases_) {
        point(times, find(before<&Book::phases_>(), place), [&](Attributes& to) {
          put_name(to, {std::get<0>(place), std::get<1>(place)});
          to.put("phase", std::get<2>(place));
        });
      }
    });
  }

  void errors() {
    metric("locust.client.errors", "Failed requests by their error.", "{request}", sum_field, [&] {
      for (const auto& [place, count] : book_.errors_) {
        point(count, or_zero(find(before<&Book::errors_>(), place)), [&](Attributes& to) {
          put_name(to, place.first);
          to.put("error.type", otel::kind_of_error(place.second));
          to.put("error.message", place.second);
        });
      }
    });
  }

  void others() {
    metric("locust.users.count", "Number of currently running Locust users", "{user}", gauge, [&] {
      for (const auto& [name, count] : book_.users_)
        number(static_cast<std::uint64_t>(count), [&](Attributes& to) { to.put("user_class", name); });
    });
    metric("katydid.tasks.dropped", "Tasks that were due while no user was free.", "{task}", sum_field, [&] {
      for (const auto& [name, count] : book_.dropped_) {
        point(count, or_zero(find(before<&Book::dropped_>(), name)),
              [&](Attributes& to) { to.put("user_class", name); });
      }
    });
    const auto total = [&](std::string_view name, std::string_view help, std::string_view unit, auto member) {
      metric(name, help, unit, sum_field,
             [&] { point(book_.*member, since_ ? since_->*member : 0, [](Attributes&) {}); });
    };
    total("katydid.tasks.exceptions", "Exceptions that tasks threw.", "{exception}", &Book::exceptions_);
    total("katydid.requests.cut_off", "Requests that were sent, and not answered when users stopped.", "{request}",
          &Book::cut_off_);
    metric("katydid.loop.lag", "How far the event loops were behind.", "s", histogram,
           [&] { point(book_.lag_, before<&Book::lag_>(), [](Attributes&) {}); });
  }

  /// With the request's type, which need not be of HTTP.
  static void put_name(Attributes& to, const Book::Name& name) {
    to.put("request_type", name.first);
    to.put("name", name.second);
  }

  static std::uint64_t or_zero(const std::uint64_t* count) { return count ? *count : 0; }

  template <class Points>
  void metric(std::string_view name, std::string_view help, std::string_view unit, Field kind, Points&& points) {
    writer_->begin(metrics_field);
    writer_->text(name_field, name);
    writer_->text(description, help);
    writer_->text(unit_field, unit);
    writer_->begin(kind);
    writer_->begin_list(data_points);
    points();
    writer_->end_list();
    if (kind.number != gauge.number) writer_->choice(temporality, since_ ? 1 : 2);
    if (kind.number == sum_field.number) writer_->truth(monotonic);
    writer_->end();
    writer_->end();
  }

  template <class Attribute>
  void number(std::uint64_t value, Attribute&& put, bool has_start = false) {
    writer_->begin(data_points);
    if (has_start) writer_->fixed(start_time, nanoseconds(exported_.from));
    writer_->fixed(time_field, nanoseconds(exported_.now));
    writer_->fixed(as_int, value);
    {
      Attributes to(*writer_, number_attributes);
      put(to);
    }
    writer_->end();
  }

  /// Of a counter. Where nothing came since, there is nothing to say.
  template <class Attribute>
  void point(std::uint64_t value, std::uint64_t before, Attribute&& put) {
    if (!since_ || value > before) number(value - before, put, true);
  }

  template <class Attribute>
  void point(const Times& times, const Times* before, Attribute&& put) {
    static const Times none;
    const Times& old = before ? *before : none;
    if (since_ && times.count == old.count) return;
    auto buckets = times.buckets;
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] -= old.buckets[i];
    writer_->begin(data_points);
    writer_->fixed(start_time, nanoseconds(exported_.from));
    writer_->fixed(time_field, nanoseconds(exported_.now));
    writer_->fixed(count_field, times.count - old.count);
    writer_->real(total_field, times.seconds - old.seconds);
    writer_->fixed_list(bucket_counts, buckets);
    writer_->real_list(explicit_bounds, time_bounds);
    {
      Attributes to(*writer_, histogram_attributes);
      put(to);
    }
    writer_->end();
  }

  const Exported& exported_;
  const Book& book_;
  const Book* since_;
  std::unique_ptr<otel::Writer> writer_;
};

std::string metrics_message(const Exported& exported, const otel::Pairs& resource, otel::Format format) {
  return OtlpPage(exported, resource, format).text();
}

}  // namespace katydid::metrics
