#include "shared/wire/rights.h"

#include "shared/base/overloaded.h"

namespace firesweep {

Rights rights_of(Role role) {
  switch (role) {
    case Role::kOwner:
      return {Right::kJoin, Right::kWork, Right::kLook, Right::kSteer};
    case Role::kWorker:
      return {Right::kJoin, Right::kWork};
    case Role::kClient:
      return {Right::kJoin, Right::kLook, Right::kSteer};
    case Role::kClientRead:
      return {Right::kJoin, Right::kLook};
    case Role::kGuest:
      return {Right::kJoin};
  }
  return {};
}

Right right_for(const InboundFrame& frame) {
  return std::visit(
      Overloaded{[](const WorkerFrame&) { return Right::kWork; },
                 [](const ClientRequest& request) {
                   return std::visit(
                       Overloaded{[](const request::Submit&) { return Right::kSteer; },
                                  [](const request::Extend&) { return Right::kSteer; },
                                  [](const request::Steer&) { return Right::kSteer; },
                                  [](const request::Release&) { return Right::kSteer; },
                                  [](const request::Status&) { return Right::kLook; },
                                  [](const request::Query&) { return Right::kLook; }},
                       request.body);
                 }},
      frame);
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kOwner:
      return "owner";
    case Role::kWorker:
      return "worker";
    case Role::kClient:
      return "client";
    case Role::kClientRead:
      return "client-read";
    case Role::kGuest:
      return "guest";
  }
  return "";
}

std::optional<Role> parse_invited_role(std::string_view word) {
  for (const Role role : kInvitedRoles) {
    if (word == to_string(role)) return role;
  }
  return std::nullopt;
}

}  // namespace firesweep
