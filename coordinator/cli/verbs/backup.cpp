#include "coordinator/store/backup.h"

#include <unistd.h>

#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::int64_t kMega = 1'000'000;

// A line that is written over, on a terminal alone.
CopyProgress progress_of(const char* what) {
  if (::isatty(STDERR_FILENO) == 0) return [](std::int64_t, std::int64_t) {};
  return [what](std::int64_t done, std::int64_t all) {
    std::cerr << "\r" << what << ": " << done / kMega << " of " << all / kMega << " MB"
              << (done == all ? ", checking\n" : "") << std::flush;
  };
}

po::options_description options_of(const char* db_help, const char* force_help) {
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase), db_help)(
      "force", force_help);
  return options;
}

}  // namespace

int verb_backup(const Words& words) {
  const Usage usage{
      "backup", "FILE",
      "Copies a database to FILE, also while its coordinator runs: the copy holds one state of\n"
      "it. It is written under another name, checked, and brought to the disk before it becomes\n"
      "FILE. Run it on the coordinator's host. `firesweep restore FILE` puts it back.",
      1, 1};
  const Parsed parsed =
      parse(usage, options_of("database to copy", "replace FILE if it exists"), words);
  if (parsed.exit) return *parsed.exit;
  const std::string& file = parsed.positional[0];
  const std::string database = parsed.value<std::string>("db");
  const auto made = back_up_database(database, file, parsed.has("force"), progress_of("copying"));
  if (!made) return report_error(usage.verb, made.error());
  std::cout << file << ": a whole copy of " << database << "; its rows agree with each other\n";
  return kDone;
}

int verb_restore(const Words& words) {
  const Usage usage{
      "restore", "BACKUP",
      "Makes a database of a backup, after checking it. Stop the coordinator first; its workers\n"
      "may stay: they drop the attempts of the time after the backup and get new ones. What was\n"
      "recorded after the backup is not in the restored database.",
      1, 1};
  const Parsed parsed =
      parse(usage,
            options_of("database to make",
                       "replace the database if it exists; it is kept under another name"),
            words);
  if (parsed.exit) return *parsed.exit;
  const std::string& file = parsed.positional[0];
  const std::string database = parsed.value<std::string>("db");
  const auto restored =
      restore_database(file, database, parsed.has("force"), progress_of("restoring"));
  if (!restored) return report_error(usage.verb, restored.error());
  std::cout << database << ": restored from " << file << " as generation " << restored->generation
            << "\n";
  if (!restored->replaced.empty()) {
    std::cout << "The database before it is kept as " << restored->replaced.string() << "\n";
  }
  std::cout << "\nNext:\n  " << shell_command({"firesweep", "serve", "--db", database}) << "\n";
  return kDone;
}

}  // namespace firesweep
