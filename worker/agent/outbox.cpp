#include "worker/agent/outbox.h"

#include <algorithm>

namespace firesweep {

bool ends_attempt(const ReportBody& body) {
  return !std::holds_alternative<report::Started>(body) &&
         !std::holds_alternative<report::Progressed>(body);
}

std::size_t rough_bytes(const Report& report) {
  constexpr std::size_t kFixedPart = 256;
  constexpr std::size_t kTextsOfResult = std::size_t{5} * 256;
  if (const auto* finished = std::get_if<report::Finished>(&report.body)) {
    return kFixedPart + kTextsOfResult + finished->result.val_correct.size() +
           finished->result.test_correct.size();
  }
  if (const auto* errored = std::get_if<report::Errored>(&report.body)) {
    return kFixedPart + errored->message.size();
  }
  return kFixedPart;
}

void Outbox::add(TrialKey key, ReportBody body) {
  const std::uint64_t number = ++last_number_;
  kept_.emplace(number, Kept{{number, key, std::move(body)}, std::nullopt});
}

std::optional<Report> Outbox::acknowledge(std::uint64_t number) {
  const auto it = kept_.find(number);
  if (it == kept_.end()) return std::nullopt;
  Report report = std::move(it->second.report);
  kept_.erase(it);
  return report;
}

void Outbox::drop(TrialKey key) {
  std::erase_if(kept_, [&](const auto& entry) { return entry.second.report.key == key; });
}

std::vector<Report> Outbox::take_all(Duration now) {
  std::vector<Report> reports;
  reports.reserve(kept_.size());
  for (auto& [number, kept] : kept_) {
    kept.sent = now;
    reports.push_back(kept.report);
  }
  return reports;
}

std::vector<Report> Outbox::take_due(Duration now, Duration resend_after, bool unsent) {
  std::vector<Report> reports;
  for (auto& [number, kept] : kept_) {
    if (kept.sent ? *kept.sent + resend_after > now : !unsent) continue;
    kept.sent = now;
    reports.push_back(kept.report);
  }
  return reports;
}

bool Outbox::has_unsent() const {
  return std::any_of(kept_.begin(), kept_.end(),
                     [](const auto& entry) { return !entry.second.sent; });
}

std::optional<Duration> Outbox::next_resend(Duration resend_after) const {
  std::optional<Duration> next;
  for (const auto& [number, kept] : kept_) {
    if (kept.sent && (!next || *kept.sent + resend_after < *next)) next = *kept.sent + resend_after;
  }
  return next;
}

}  // namespace firesweep
