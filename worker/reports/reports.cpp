#include "worker/reports/reports.hpp"

#include "worker/reports/json_report.hpp"

#include <algorithm>
#include <utility>

namespace katydid {

using reports::ReportFile;

Reports::Reports(const ReportOptions& options, reports::RunFacts facts) : facts_(std::move(facts)) {
  using reports::CsvReport;
  if (!options.csv_prefix.empty()) {
    csv_.emplace(options.csv_prefix,
                 options.csv_full_history ? CsvReport::History::full : CsvReport::History::aggregated);
  }
  if (!options.hdr_file.empty()) {
    using reports::HdrLog;
    hdr_.emplace(options.hdr_file, options.hdr_names ? HdrLog::Names::told_apart : HdrLog::Names::together);
  }
  if (!options.html_file.empty()) {
    html_.emplace("argument --html", reports::html_file_name(options.html_file, facts_), ReportFile::Begin::as_it_is);
  }
  if (!options.json_file.empty())
    json_.emplace("argument --json-file", options.json_file + ".json", ReportFile::Begin::as_it_is);
}

void Reports::begin(WallTime start) {
  start_ = start;
  timeline_ = reports::Timeline(start);
  if (hdr_) hdr_->begin(start);
}

void Reports::reset(WallTime now) {
  if (csv_) csv_->reset();
  warn(now, "--reset-stats: the tables count from here. The charts show the whole run.");
}

void Reports::add(const StatisticsDelta& delta) {
  if (csv_) csv_->add(delta);
  if (hdr_) hdr_->add(delta);
  if (html_) timeline_.add(delta);
}

void Reports::add_exception(const std::string& message, const std::string& traceback, std::uint64_t count) {
  const auto same = [&](const auto& each) { return each.message == message && each.traceback == traceback; };
  auto found = std::ranges::find_if(exceptions_, same);
  if (found == exceptions_.end() && exceptions_.size() < max_exceptions)
    found = exceptions_.insert(found, {message, traceback, 0});
  if (found == exceptions_.end()) {
    found = std::prev(found);
    found->message = "(more than " + std::to_string(max_exceptions) + " different exceptions)";
    found->traceback.clear();
  }
  found->count += count;
}

void Reports::warn(WallTime now, std::string text) {
  if (warnings_.size() < max_warnings) warnings_.push_back({now - start_, std::move(text)});
}

void Reports::look(const RunningStatistics& statistics, const Moment& moment) {
  if (hdr_) hdr_->look(moment.now);
  if (html_) timeline_.look(moment.now, moment.users, moment.lag);
  if (csv_) csv_->write({statistics, exceptions_, moment.now, moment.users});
}

void Reports::finish(const RunningStatistics& statistics, const Moment& moment,
                     const std::vector<reports::Verdict>& verdicts) {
  look(statistics, moment);
  if (json_) json_->rewrite(reports::json_report(statistics));
  if (html_) {
    const reports::RunView run{statistics, exceptions_, moment.now, moment.users};
    html_->rewrite(reports::html_report({facts_, run, timeline_, start_, verdicts, warnings_}));
  }
}

bool Reports::complete() const {
  const auto whole = [](const auto& file) { return !file || file->complete(); };
  return whole(csv_) && whole(hdr_) && whole(html_) && whole(json_);
}

}  // namespace katydid
