#include "shared/wire/checkpoint_messages.h"
#include "shared/wire/codec.h"
#include "tests/fuzz/targets.h"

namespace firesweep::fuzz {
namespace {

// What a decoder accepts, its encoder writes so that the decoder accepts it again.
template <class Decode>
void round_trip(std::string_view bytes, const Decode& decode) {
  const auto frame = decode(bytes);
  if (!frame) return require(!frame.error().what.empty(), "a refusal says what is wrong");
  const std::string again = encode(*frame);
  const auto read_back = decode(again);
  require(read_back.has_value(), "what was decoded can be sent");
  require(encode(*read_back) == again, "what is sent comes back the same");
}

}  // namespace

void try_wire_frame(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  round_trip(text, decode_inbound);
  round_trip(text, decode_outbound);
  round_trip(text, decode_checkpoint);
}

}  // namespace firesweep::fuzz
