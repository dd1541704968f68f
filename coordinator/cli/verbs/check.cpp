#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/check_database.h"
#include "coordinator/store/restore_hint.h"

namespace firesweep {

int verb_check(const Words& words) {
  const Usage usage{
      "check", "[FILE]",
      "Lists the rows of a database that contradict each other. That happens when rows were\n"
      "deleted or changed by hand, or when an old copy was put back beside a newer -wal file.\n"
      "Changes nothing. FILE is sweeps.db by default.",
      0, 1};
  const Parsed parsed = parse(usage, boost::program_options::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  const std::string file = parsed.positional.empty() ? kDefaultDatabase : parsed.positional[0];
  const auto found = check_database(file);
  if (!found) return report_error(usage.verb, found.error());
  for (const std::string& line : found->lines) std::cout << line << "\n";
  const auto shown = static_cast<std::int64_t>(found->lines.size());
  if (found->count > shown) std::cout << "and " << found->count - shown << " more\n";
  if (found->count == 0) {
    std::cout << file << ": its rows agree with each other\n";
    return kDone;
  }
  return report_error(usage.verb,
                      {ErrorCode::kBadInput, file,
                       "its rows contradict each other in " + std::to_string(found->count) +
                           (found->count == 1 ? " place" : " places"),
                       kRestoreHint});
}

}  // namespace firesweep
