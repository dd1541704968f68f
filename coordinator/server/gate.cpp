#include "coordinator/server/gate.h"

#include <spdlog/spdlog.h>

#include "shared/wire/codec.h"
#include "shared/wire/join.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostGuests = 1024;  // remembered

std::string refusal_for(const InboundFrame& frame) {
  constexpr const char* kHint =
      "`firesweep keys invite --role ROLE` on the coordinator's host gives a key another role";
  if (const auto* worker = std::get_if<WorkerFrame>(&frame)) {
    CoordinatorFrame told;
    told.session = worker->session;
    told.generation = worker->generation.value_or(Generation{});
    told.messages = {Refused{std::string("this user's key may not train here; ") + kHint}};
    return encode(OutboundFrame(told));
  }
  return encode(OutboundFrame(ClientReply(
      fail(ErrorCode::kBadInput, "key", "this user's key may not do that here", kHint))));
}

}  // namespace

std::optional<Stopped> Gate::stop(const std::string& peer, const std::optional<PublicKey>& key,
                                  const std::string& bytes) {
  if (!key) return std::nullopt;
  const bool guest = rights_of(*key) == firesweep::rights_of(Role::kGuest);
  if (guest && has_spoken(peer)) return Stopped{};
  const auto request = decode_join(bytes);
  if (request) return join(*key, guest, *request);
  return guest ? std::optional(Stopped{}) : std::nullopt;
}

bool Gate::has_spoken(const std::string& guest) {
  if (guests_.size() >= kMostGuests) guests_.clear();
  return !guests_.insert(guest).second;
}

Stopped Gate::join(const PublicKey& key, bool guest, const JoinRequest& request) {
  if (allowed_->redeem(request.token, key, request.name)) {
    spdlog::info("event=joined key={} name={}", to_string(key).substr(0, 16),
                 clean_host_name(request.name));
    return {joined_bytes(), false};
  }
  // Whoever is known already may paste the same command again.
  return guest ? Stopped{} : Stopped{joined_bytes(), false};
}

std::optional<Stopped> Gate::stop(const std::optional<PublicKey>& key, const InboundFrame& frame) {
  if (!key) return std::nullopt;
  if (!rights_of(*key).has(right_for(frame))) return Stopped{refusal_for(frame)};
  const auto* worker = std::get_if<WorkerFrame>(&frame);
  if (worker == nullptr || worker->session.high == session_mark(*key)) return std::nullopt;
  spdlog::warn("event=foreign_session key={}", to_string(*key).substr(0, 16));
  return Stopped{};
}

Rights Gate::rights_of(const PublicKey& key) const {
  return allowed_ ? allowed_->rights_of(key) : Rights{};
}

}  // namespace firesweep
