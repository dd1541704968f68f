#include <algorithm>

#include "shared/base/overloaded.h"
#include "shared/wire/checkpoint_messages.h"
#include "shared/wire/common_pb.h"

namespace firesweep {
namespace {

constexpr std::size_t kShaDigits = 64;
constexpr std::size_t kMaxFormat = 16;

std::string read_sha(const std::string& in, Checker& check) {
  const bool good = in.size() == kShaDigits && std::all_of(in.begin(), in.end(), [](char digit) {
                      return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
                    });
  if (!good) check.fail("sha256", "expected 64 lower-case hexadecimal digits");
  return good ? in : std::string();
}

std::string read_format(const std::string& in, Checker& check) {
  const bool good =
      !in.empty() && in.size() <= kMaxFormat &&
      std::all_of(in.begin(), in.end(), [](char letter) { return letter >= 'a' && letter <= 'z'; });
  if (!good) check.fail("format", "expected 1 to 16 lower-case letters");
  return good ? in : std::string();
}

CheckpointOffer read_offer(const pb::CheckpointOffer& in, Checker& check) {
  CheckpointOffer offer;
  offer.key = read_key(in.key(), check);
  offer.number = check.whole("number", in.number());
  offer.epoch = check.whole("epoch", in.epoch(), kMaxCount);
  offer.bytes = check.whole("bytes", in.bytes(), kMaxCheckpointBytes);
  if (offer.bytes == 0) return offer;
  offer.sha256 = read_sha(in.sha256(), check);
  offer.format = read_format(in.format(), check);
  return offer;
}

CheckpointChunk read_chunk(const pb::CheckpointChunk& in, Checker& check) {
  CheckpointChunk chunk{read_key(in.key(), check),
                        read_sha(in.sha256(), check),
                        check.whole("offset", in.offset(), kMaxCheckpointBytes),
                        {}};
  if (in.data().size() > kMaxChunkBytes) {
    check.fail("data", "found " + std::to_string(in.data().size()) + " bytes, expected at most " +
                           std::to_string(kMaxChunkBytes));
  } else {
    chunk.data = in.data();
  }
  return chunk;
}

CheckpointMessage read_body(const pb::CheckpointEnvelope& in, Checker& check) {
  switch (in.body_case()) {
    case pb::CheckpointEnvelope::kOffer: {
      const Checker::Scope place(check, "offer");
      return read_offer(in.offer(), check);
    }
    case pb::CheckpointEnvelope::kWant: {
      const Checker::Scope place(check, "want");
      return CheckpointWant{read_key(in.want().key(), check)};
    }
    case pb::CheckpointEnvelope::kPull: {
      const Checker::Scope place(check, "pull");
      return CheckpointPull{read_key(in.pull().key(), check), read_sha(in.pull().sha256(), check),
                            check.whole("offset", in.pull().offset(), kMaxCheckpointBytes)};
    }
    case pb::CheckpointEnvelope::kChunk: {
      const Checker::Scope place(check, "chunk");
      return read_chunk(in.chunk(), check);
    }
    case pb::CheckpointEnvelope::kDone: {
      const Checker::Scope place(check, "done");
      return CheckpointDone{read_key(in.done().key(), check), read_sha(in.done().sha256(), check),
                            in.done().stored()};
    }
    case pb::CheckpointEnvelope::BODY_NOT_SET:
      break;
  }
  check.fail("", "found a message of an unknown kind");
  return CheckpointWant{};
}

template <class Out>
void write_place(const TrialKey& key, const std::string& sha256, Out& out) {
  write(key, *out.mutable_key());
  out.set_sha256(sha256);
}

}  // namespace

std::string encode(const CheckpointFrame& frame) {
  pb::CheckpointEnvelope out;
  write(frame.session, *out.mutable_session());
  std::visit(Overloaded{[&](const CheckpointOffer& offer) {
                          pb::CheckpointOffer& to = *out.mutable_offer();
                          write_place(offer.key, offer.sha256, to);
                          to.set_number(offer.number);
                          to.set_epoch(offer.epoch);
                          to.set_bytes(offer.bytes);
                          to.set_format(offer.format);
                        },
                        [&](const CheckpointWant& want) {
                          write(want.key, *out.mutable_want()->mutable_key());
                        },
                        [&](const CheckpointPull& pull) {
                          write_place(pull.key, pull.sha256, *out.mutable_pull());
                          out.mutable_pull()->set_offset(pull.offset);
                        },
                        [&](const CheckpointChunk& chunk) {
                          pb::CheckpointChunk& to = *out.mutable_chunk();
                          write_place(chunk.key, chunk.sha256, to);
                          to.set_offset(chunk.offset);
                          to.set_data(chunk.data);
                        },
                        [&](const CheckpointDone& done) {
                          write_place(done.key, done.sha256, *out.mutable_done());
                          out.mutable_done()->set_stored(done.stored);
                        }},
             frame.message);
  if (frame.generation) out.set_generation(frame.generation->value);
  std::string bytes;
  out.SerializeToString(&bytes);
  return bytes;
}

Result<CheckpointFrame> decode_checkpoint(std::string_view bytes) {
  silence_protobuf();
  pb::CheckpointEnvelope in;
  if (bytes.size() > kMaxCheckpointFrameBytes ||
      !in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::kBadInput, "checkpoint frame",
                "found " + std::to_string(bytes.size()) +
                    " bytes that are not a CheckpointEnvelope (wire/firesweep.proto)");
  }
  Checker check;
  const Checker::Scope place(check, "checkpoint frame");
  CheckpointFrame frame;
  read(in.session(), frame.session, check);
  frame.message = read_body(in, check);
  if (in.has_generation()) frame.generation = Generation{in.generation()};
  if (!check.ok()) return tl::unexpected(check.error());
  return frame;
}

}  // namespace firesweep
