#include "shared/transport/joining.h"

#include <algorithm>

#include "shared/transport/address.h"
#include "shared/transport/dealer_socket.h"
#include "shared/transport/key_files.h"
#include "shared/transport/private_file.h"
#include "shared/wire/join.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kInviteAgain =
    "an invitation works once and until it expires: ask for a new one (`firesweep keys invite`)";

Result<CallerKeys> keys_of_guest(const Invitation& invitation) {
  const auto folder = configuration_folder();
  if (!folder) return tl::unexpected(folder.error());
  const auto own = read_or_make_key(*folder / kOwnKeyFile);
  if (!own) return tl::unexpected(own.error());
  return CallerKeys{*own, invitation.coordinator};
}

// Until the coordinator has taken the key.
Result<void> show_token(DealerSocket& socket, const std::string& request, Clock::time_point end) {
  bool sent = false;
  while (Clock::now() < end) {
    if (socket.refusal()) {
      return fail(ErrorCode::kUnavailable, socket.address(),
                  "the coordinator there has no invitation open", kInviteAgain);
    }
    sent = sent || socket.send(request);
    const bool ready = sent ? socket.poll(kRefusalLookEvery) : socket.poll_send(kRefusalLookEvery);
    if (!sent || !ready) continue;
    while (const auto answer = socket.receive()) {
      if (says_joined(*answer)) return {};
    }
  }
  if (sent) {
    return fail(ErrorCode::kUnavailable, socket.address(),
                "the coordinator there did not take the invitation", kInviteAgain);
  }
  return fail(ErrorCode::kUnavailable, socket.address(),
              "the coordinator that gave the invitation was not reached",
              "does `firesweep serve` run there, and may this host reach its port?");
}

}  // namespace

std::string to_string(const Invitation& invitation) {
  return to_string(invitation.coordinator) + "-" + hex_of(invitation.token);
}

Result<Invitation> parse_invitation(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto key = parse_public_key(text.substr(0, dash));
  const auto token =
      dash == std::string_view::npos ? std::nullopt : bytes_of_hex(text.substr(dash + 1));
  if (!key || !token || token->size() != kTokenBytes) {
    return fail(ErrorCode::kBadInput, "invitation",
                "found " + std::to_string(text.size()) +
                    " characters, expected 64 hexadecimal digits, a dash and 32 more",
                "paste the whole line that `firesweep keys invite` printed");
  }
  return Invitation{*key, *token};
}

Result<void> join(const std::string& address, const Invitation& invitation, const std::string& name,
                  std::chrono::milliseconds limit) {
  const auto parsed = parse_address(address, false);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->takes_keys()) {
    return fail(ErrorCode::kBadInput, address, "a coordinator at this address asks for no keys",
                "use it as it is, without an invitation");
  }
  const auto keys = keys_of_guest(invitation);
  if (!keys) return tl::unexpected(keys.error());
  auto socket = DealerSocket::connect(address, *keys);
  if (!socket) return tl::unexpected(socket.error());
  auto shown =
      show_token(*socket, encode(JoinRequest{invitation.token, name}), Clock::now() + limit);
  if (!shown) return shown;
  const auto folder = configuration_folder();
  if (!folder) return tl::unexpected(folder.error());
  return remember_coordinator(*folder, address, invitation.coordinator);
}

}  // namespace firesweep
