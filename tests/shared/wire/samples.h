// One frame of every kind, with every member set to something that is not its default.
#pragma once

#include <vector>

#include "shared/wire/messages.h"

namespace firesweep::samples {

inline constexpr SessionId kSession{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
inline constexpr TrialKey kKey{{(std::int64_t{3} << 40) | 17}, {2}};

TrialConfig config();
ResolvedArchitecture architecture();  // every kind of layer
Capabilities capabilities();
LiveProgress live();
EpochMetrics metrics();
TrialResult result();
Assign assign();

std::vector<ReportBody> report_bodies();
std::vector<WorkerMessage> worker_messages();
std::vector<CoordinatorMessage> coordinator_messages();
std::vector<ClientRequest> requests();
std::vector<ClientReply> replies();

WorkerFrame worker_frame(std::vector<WorkerMessage> messages);
CoordinatorFrame coordinator_frame(std::vector<CoordinatorMessage> messages);

// All of the above as frames: one with every message, and one of each.
std::vector<InboundFrame> inbound();
std::vector<OutboundFrame> outbound();

}  // namespace firesweep::samples
