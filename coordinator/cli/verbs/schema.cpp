// schema: the page that explains the database, the JSON Schema of sweep files, the list of metrics.
#include <array>
#include <iostream>
#include <string_view>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/store/schema_document.h"
#include "coordinator/web/metrics.h"
#include "shared/base/near_miss.h"
#include "shared/codec/sweep_schema.h"

namespace firesweep {

int verb_schema(const Words& words) {
  const Usage usage{
      "schema", "[database|sweep|metrics]",
      "Prints what every table, view and column of the database means, as Markdown;\n"
      "with \"sweep\", the JSON Schema of sweep files, for editors; with \"metrics\",\n"
      "what `firesweep serve --http` exports.",
      0, 1};
  const Parsed parsed = parse(usage, boost::program_options::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  constexpr std::array<std::string_view, 3> kSubjects = {"database", "sweep", "metrics"};
  const std::string subject =
      parsed.positional.empty() ? std::string(kSubjects[0]) : parsed.positional[0];
  if (subject == kSubjects[0]) {
    std::cout << schema_document();
  } else if (subject == kSubjects[1]) {
    std::cout << sweep_schema();
  } else if (subject == kSubjects[2]) {
    std::cout << metrics_document();
  } else {
    return report_error(usage.verb,
                        {ErrorCode::kBadInput, "SCHEMA",
                         "found \"" + subject + "\", expected database, sweep or metrics",
                         did_you_mean(subject, kSubjects)});
  }
  return kDone;
}

}  // namespace firesweep
