// Who may say what to a coordinator: the roles that a key can have, and the rights that each frame
// asks for. A pure table; whose key has which role is the coordinator's to know.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "shared/wire/messages.h"

namespace firesweep {

enum class Role {
  kOwner,       // the coordinator's own user: everything
  kWorker,      // trains: worker frames and checkpoints
  kClient,      // submits, steers, looks
  kClientRead,  // looks
  kGuest,       // unknown, while an invitation is open: may show it, and nothing else
};

// What a frame asks to be allowed.
enum class Right { kJoin, kWork, kLook, kSteer };

// A set of rights. Regular; pure.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) bits_ |= bit(right);
  }
  constexpr bool has(Right right) const { return (bits_ & bit(right)) != 0; }
  constexpr bool none() const { return bits_ == 0; }
  constexpr Rights operator|(Rights other) const {
    other.bits_ |= bits_;
    return other;
  }
  friend constexpr bool operator==(Rights, Rights) = default;

 private:
  static constexpr unsigned bit(Right right) { return 1U << static_cast<unsigned>(right); }
  unsigned bits_ = 0;
};

Rights rights_of(Role role);

// The right that a frame needs. Of every kind of message: one that is new does not compile until
// it is decided here.
Right right_for(const InboundFrame& frame);

// "worker", "client", "client-read": the roles that an invitation gives.
inline constexpr std::array<Role, 3> kInvitedRoles = {Role::kWorker, Role::kClient,
                                                      Role::kClientRead};
std::string_view to_string(Role role);
std::optional<Role> parse_invited_role(std::string_view word);

}  // namespace firesweep
