// schema: the page that explains the database.
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/store/schema_document.h"

namespace firesweep {

int verb_schema(const Words& words) {
  const Usage usage{"schema", "",
                    "Prints what every table, view and column of the database means, as Markdown.",
                    0, 0};
  const Parsed parsed = parse(usage, boost::program_options::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  std::cout << schema_document();
  return kDone;
}

}  // namespace firesweep
