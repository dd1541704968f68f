// Writes a flat JSON object as text without building a tree, because every assignment hashes and
// stores a config. Internal to the codec room.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shared/domain/fields.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// Members in the order given; the bytes are those of dump_json over the same members. Not
// thread-safe.
class ConfigText {
 public:
  ConfigText();

  ConfigText& member(std::string_view name, std::int64_t value);
  ConfigText& member(std::string_view name, std::string_view value);
  ConfigText& member(std::string_view name, const std::map<std::string, Value>& values);
  // A field of the table, under its own name.
  ConfigText& member(const TrialConfig& config, const Field& field);
  // The same field as older builds write it (fields.h): under its former name, or not at all.
  ConfigText& member_as_written(const TrialConfig& config, const Field& field);
  // Call once, at the end.
  std::string done();

 private:
  void name(std::string_view name);
  void value(bool value);
  void value(std::int64_t value);
  void value(double value);
  void value(std::string_view value);
  void value(Protocol value);

  std::string text_;
};

}  // namespace firesweep
