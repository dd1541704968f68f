#include "shared/wire/codec.h"

#include "shared/wire/bounded_arena.h"
#include "shared/wire/frames_pb.h"

namespace firesweep {
namespace {

std::string bytes_of(const pb::Envelope& envelope) {
  std::string bytes;
  envelope.SerializeToString(&bytes);
  return bytes;
}

Result<const pb::Envelope*> parse(std::string_view bytes, BoundedArena& arena) {
  if (bytes.size() > kMaxMessageBytes) {
    return fail(ErrorCode::kBadInput, "message",
                "found " + std::to_string(bytes.size()) + " bytes, expected at most " +
                    std::to_string(kMaxMessageBytes));
  }
  silence_protobuf();
  switch (const auto [envelope, outcome] = arena.parse<pb::Envelope>(bytes); outcome) {
    case BoundedArena::Outcome::kParsed:
      return envelope;
    case BoundedArena::Outcome::kTooManyParts:
      return fail(ErrorCode::kBadInput, "message",
                  "found so many parts in " + std::to_string(bytes.size()) +
                      " bytes that they would take more than " + std::to_string(kMaxParsedBytes) +
                      " bytes of memory");
    case BoundedArena::Outcome::kInvalid:
      break;
  }
  return fail(ErrorCode::kBadInput, "message",
              "found " + std::to_string(bytes.size()) +
                  " bytes that are not a firesweep message (wire/firesweep.proto)");
}

template <class Frame, class In>
Result<Frame> checked(const In& in) {
  Checker check;
  Frame frame;
  read(in, frame, check);
  if (!check.ok()) return tl::unexpected(check.error());
  return frame;
}

tl::unexpected<Error> unexpected_frame(const char* wanted) {
  return fail(ErrorCode::kBadInput, "message",
              std::string("found a frame of an unknown kind, expected ") + wanted);
}

}  // namespace

std::string encode(const InboundFrame& frame) {
  google::protobuf::Arena arena;
  auto& envelope = *google::protobuf::Arena::CreateMessage<pb::Envelope>(&arena);
  if (const auto* worker = std::get_if<WorkerFrame>(&frame)) {
    write(*worker, *envelope.mutable_worker());
  } else {
    write(std::get<ClientRequest>(frame), *envelope.mutable_request());
  }
  return bytes_of(envelope);
}

std::string encode(const OutboundFrame& frame) {
  google::protobuf::Arena arena;
  auto& envelope = *google::protobuf::Arena::CreateMessage<pb::Envelope>(&arena);
  if (const auto* coordinator = std::get_if<CoordinatorFrame>(&frame)) {
    write(*coordinator, *envelope.mutable_coordinator());
  } else {
    write(std::get<ClientReply>(frame), *envelope.mutable_reply());
  }
  return bytes_of(envelope);
}

Result<InboundFrame> decode_inbound(std::string_view bytes) {
  BoundedArena arena(kMaxParsedBytes);
  const auto envelope = parse(bytes, arena);
  if (!envelope) return tl::unexpected(envelope.error());
  switch ((*envelope)->frame_case()) {
    case pb::Envelope::kWorker:
      return checked<WorkerFrame>((*envelope)->worker());
    case pb::Envelope::kRequest:
      return checked<ClientRequest>((*envelope)->request());
    default:
      return unexpected_frame("one of a worker or a client");
  }
}

Result<OutboundFrame> decode_outbound(std::string_view bytes) {
  BoundedArena arena(kMaxParsedBytes);
  const auto envelope = parse(bytes, arena);
  if (!envelope) return tl::unexpected(envelope.error());
  switch ((*envelope)->frame_case()) {
    case pb::Envelope::kCoordinator:
      return checked<CoordinatorFrame>((*envelope)->coordinator());
    case pb::Envelope::kReply:
      return checked<ClientReply>((*envelope)->reply());
    default:
      return unexpected_frame("one of a coordinator");
  }
}

}  // namespace firesweep
