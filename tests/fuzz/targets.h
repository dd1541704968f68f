// What strangers' bytes are tried on: each target reads them as the file or frame that they would
// be, and checks what must hold whatever they are. It returns, whether they were good or refused.
// tests/fuzz/README.md tells how targets are run and what they have found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace firesweep::fuzz {

using Bytes = std::span<const std::uint8_t>;

void try_wire_frame(Bytes bytes);
void try_sweep_json(Bytes bytes);
void try_sweep_yaml(Bytes bytes);
// A sweep file of W&B, YAML or JSON.
void try_wandb(Bytes bytes);
void try_architecture(Bytes bytes);
void try_checkpoint(Bytes bytes);
// A .tar.gz as it is fetched, and a gzipped IDX file; bytes that are not gzipped are packed first.
void try_dataset(Bytes bytes);
// A database file; else SQL that its owner has run on one of ours before handing it on.
void try_database(Bytes bytes);

struct Target {
  std::string_view name;  // of its folder in corpus/
  void (*run)(Bytes);
};
std::span<const Target> targets();

// Ends the process with a line that names what does not hold; what libFuzzer calls a find.
void require(bool holds, std::string_view what);

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace firesweep::fuzz
