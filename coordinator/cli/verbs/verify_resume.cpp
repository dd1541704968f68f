#include "coordinator/cli/options.h"
#include "coordinator/cli/worker_process.h"

namespace firesweep {

int verb_verify_resume(const Words& words) {
  const Usage usage{
      "verify-resume", "",
      "Trains a small trial with the real trainer, trains it again, kills that training at a\n"
      "random batch and resumes it. Compares weights, metrics and result of both bit for bit.",
      0, 0};
  namespace po = boost::program_options;
  po::options_description options("Options");
  options.add_options()(
      "dataset", po::value<std::string>()->value_name("NAME")->default_value("fashion_mnist"),
      "images to train on")("data-dir", po::value<std::string>()->value_name("DIR"),
                            "folder of the dataset's files (env FIRESWEEP_DATA)")(
      "device", po::value<std::string>()->value_name("DEVICE")->default_value("cpu"),
      "cpu or cuda:N")("threads", po::value<std::string>()->value_name("N"),
                       "CPU threads (default: all cores)")(
      "seed", po::value<std::string>()->value_name("N"),
      "seed that chooses the batch (default: random)");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  Words arguments{"verify-resume"};
  for (const char* name : {"dataset", "data-dir", "device", "threads", "seed"}) {
    if (const auto value = parsed.get<std::string>(name)) {
      arguments.insert(arguments.end(), {std::string("--") + name, *value});
    }
  }
  auto worker = WorkerProcess::start(arguments);
  if (!worker) return report_error(usage.verb, worker.error());
  return worker->wait();
}

}  // namespace firesweep
