// A sweep file in the making. Internal to the codec room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/codec/json.h"

namespace firesweep {

// A sweep file that grows member by member and is one that decodes at any time. One thread.
class SweepDraft {
 public:
  // A grid over nothing, of the first dataset.
  SweepDraft();

  // Sets a member of the file, with a remark behind its line if it is not empty. Returns the
  // decoder's mistake where the file with it would not decode; the draft then stays as it was.
  std::optional<Error> set(std::string_view key, Json value, std::string_view remark = {});

  // The same for a member of "parameters".
  std::optional<Error> set_parameter(std::string_view name, Json value,
                                     std::string_view remark = {});

  // The lines of comments before the file's first member.
  void head(std::string_view lines);

  bool has_parameters() const { return !members_["parameters"].empty(); }
  const Json& members() const { return members_; }

  // JSON with comments, a line a member, in the order in which members are explained. Equal drafts
  // give equal texts.
  std::string text() const;

 private:
  std::optional<Error> keep_if_good(Json former, std::string_view pointer, std::string_view remark);

  Json members_;
  std::map<std::string, std::string, std::less<>> remarks_;  // by JSON pointer
  std::string head_;
};

}  // namespace firesweep
