// Internal to the room. The parts that messages of several directions share: keys, sessions,
// reasons. `write` fills an empty generated message; `read` copies the values that the checker
// accepts and leaves the others unspecified.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "shared/base/ids.h"
#include "shared/domain/trial_state.h"
#include "shared/wire/checker.h"
#include "shared/wire/clean.h"
#include "shared/wire/firesweep.pb.h"

namespace firesweep {

namespace pb = wire;

// Switches off the lines that Protobuf prints for some invalid bytes, so that an unknown peer
// cannot fill the log. The returned error has all information. Call it before parsing.
void silence_protobuf();

void write(const SessionId& session, pb::Session& out);
void read(const pb::Session& in, SessionId& session, Checker& check);

void write(const TrialKey& key, pb::TrialKey& out);
TrialKey read_key(const pb::TrialKey& in, Checker& check);

pb::Reason write(Reason reason);
void read(pb::Reason in, Reason& reason, Checker& check);

// The one of `known` that is written as `in`; a mistake of the field where there is none.
template <class Written, class T>
T read_enumerator(std::string_view field, Written in, std::initializer_list<T> known,
                  std::type_identity_t<Written (*)(T)> written_as, Checker& check) {
  for (const T one : known) {
    if (written_as(one) == in) return one;
  }
  check.fail(field, "found unknown enumerator " + std::to_string(static_cast<int>(in)));
  return *known.begin();
}

// Names of repeated strings, each within kMaxNameBytes.
template <class Repeated>
void write_names(const std::vector<std::string>& names, Repeated& out) {
  for (const std::string& name : names) *out.Add() = clean_name(name);
}
template <class Repeated>
void read_names(std::string_view field, const Repeated& in, std::vector<std::string>& names,
                Checker& check) {
  if (!check.number_of(field, in.size(), kMaxListed)) return;
  for (const std::string& name : in) names.push_back(check.name(field, name));
}

}  // namespace firesweep
