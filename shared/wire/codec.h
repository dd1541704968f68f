// Encodes and decodes messages. Only this room uses Protocol Buffers. It checks every limit that a
// peer could violate (bounds.h). It knows no sockets and no order of messages (see PROTOCOL.md).
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/wire/bounds.h"
#include "shared/wire/messages.h"

namespace firesweep {

// The bytes of one frame. Never fails, and the decoders accept the result: texts for people are cut
// at kMaxTextBytes and made valid UTF-8; a loss that is not finite becomes the largest double, any
// other such number 0 (or it is left out, if optional); a bitmap above its limit is left out; a
// reply that would not fit into one message becomes an error that says so. The caller must keep
// ids, counts and names within their limits. Pure; safe from any thread.
std::string encode(const InboundFrame& frame);
std::string encode(const OutboundFrame& frame);

// What arrives at the coordinator (decode_inbound) and what arrives at a worker or client
// (decode_outbound). Ignores fields that a newer peer added. Otherwise kBadInput names the path
// within the message ("worker frame/message 3/finished: …"): for bytes that do not parse, a frame
// or message of an unknown kind, a violated limit, an unknown enumerator or an unknown trial field.
// Never throws on any bytes. Pure; safe from any thread.
Result<InboundFrame> decode_inbound(std::string_view bytes);
Result<OutboundFrame> decode_outbound(std::string_view bytes);

}  // namespace firesweep
