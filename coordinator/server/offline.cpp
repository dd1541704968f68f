#include "coordinator/server/offline.h"

#include <cassert>

#include "coordinator/core/scheduler.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/replies.h"
#include "coordinator/server/scheduler_options.h"

namespace firesweep {
namespace {

Result<Event> event_of(const ClientRequest& request) {
  if (const auto* submit = std::get_if<request::Submit>(&request.body)) {
    auto frozen = decode_submission(*submit);
    if (!frozen) return tl::unexpected(frozen.error());
    return event::SubmitRequested{{}, std::move(*frozen)};
  }
  if (const auto* extend = std::get_if<request::Extend>(&request.body)) {
    auto frozen = decode_submission(extend->file);
    if (!frozen) return tl::unexpected(frozen.error());
    return event::ExtendRequested{{}, extend->sweep, std::move(*frozen)};
  }
  if (const auto* release = std::get_if<request::Release>(&request.body)) {
    return event::ReleaseRequested{{}, *release};
  }
  assert(std::holds_alternative<request::Steer>(request.body));
  return event::SteerRequested{{}, std::get<request::Steer>(request.body)};
}

}  // namespace

ClientReply apply_offline(Store& store, const ClientRequest& request) {
  const auto event = event_of(request);
  if (!event) return reply_of(event.error());
  const Instant now = system_now();
  Scheduler scheduler(store.snapshot(), default_scheduler_options(), now);
  std::vector<Record> records;
  ClientReply answer;
  for (Effect& effect : scheduler.on(*event, now)) {
    if (auto* persist = std::get_if<effect::Persist>(&effect))
      records.push_back(std::move(persist->record));
    if (auto* reply = std::get_if<effect::ReplyToClient>(&effect)) answer = std::move(reply->reply);
  }
  if (!records.empty()) store.commit(records);
  return answer;
}

}  // namespace firesweep
