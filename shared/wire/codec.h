// Messages to bytes and back: the only place that knows Protocol Buffers. It owns the checking of
// every bound that a peer could break (bounds.h); it knows no socket and no conversation
// (PROTOCOL.md tells those).
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/wire/bounds.h"
#include "shared/wire/messages.h"

namespace firesweep {

// The bytes of one frame. Never fails, and what it writes the decoders accept: texts for people are
// cut at kMaxTextBytes and made valid UTF-8, a loss that is not finite becomes the largest double
// and any other such number 0 (absent, where it may be), a bitmap beyond its bound is left out, and
// a reply that would not fit into one message becomes an error that says so. Ids, counts and names
// are the caller's to keep in bounds. Pure; safe from any thread.
std::string encode(const InboundFrame& frame);
std::string encode(const OutboundFrame& frame);

// What arrives at the coordinator (decode_inbound) and what arrives at a worker or client
// (decode_outbound). Fields a newer peer added are ignored. kBadInput names the place within the
// message ("worker frame/message 3/finished: …") for anything else: bytes that do not parse, a
// frame or message of an unknown kind, a bound broken, an enumerator or a trial field that is not
// known here. Never throws on any bytes; nothing is kept of a refused frame. Pure; safe from any
// thread.
Result<InboundFrame> decode_inbound(std::string_view bytes);
Result<OutboundFrame> decode_outbound(std::string_view bytes);

}  // namespace firesweep
