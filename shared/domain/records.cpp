#include "shared/domain/records.h"

namespace firesweep {

std::string_view to_string(AttemptEnd end) {
  switch (end) {
    case AttemptEnd::kFinished:
      return "FINISHED";
    case AttemptEnd::kErrored:
      return "ERRORED";
    case AttemptEnd::kLost:
      return "LOST";
    case AttemptEnd::kHandedBack:
      return "HANDED_BACK";
    case AttemptEnd::kUnstarted:
      return "UNSTARTED";
  }
  return "";
}

}  // namespace firesweep
