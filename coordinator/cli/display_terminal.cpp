#include "coordinator/cli/display_terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "shared/base/letters.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

constexpr Duration kRepaintEvery = std::chrono::milliseconds(200);
constexpr int kSweepBarCells = 28;
constexpr int kTrialBarCells = 10;
constexpr const char* kHideCursor = "\x1b[?25l";
constexpr const char* kShowCursor = "\x1b[?25h";

struct ScreenSize {
  int columns = 100;
  int rows = 24;
};

ScreenSize screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, size.ws_row};
}

std::string sweep_line(const SweepOverview& sweep) {
  const TrialCounts& trials = sweep.trials;
  const std::int64_t ended = trials.complete + trials.pruned + trials.failed + trials.cancelled;
  std::string line = sweep.name + " " + bar(sweep.done_share, kSweepBarCells) + " " +
                     std::to_string(ended) + "/" + std::to_string(trials.total) + " trials";
  if (trials.reused > 0) line += " · " + std::to_string(trials.reused) + " reused";
  const std::int64_t busy = trials.running + trials.stopping;
  if (busy > 0) line += " · " + std::to_string(busy) + " running";
  if (const std::int64_t rungs = at_rungs(sweep); rungs > 0) {
    line += " · " + std::to_string(rungs) + " at a rung";
  }
  if (trials.pruned > 0) line += " · " + std::to_string(trials.pruned) + " pruned";
  if (trials.failed > 0) line += " · " + std::to_string(trials.failed) + " failed";
  if (sweep.state != SweepState::kRunning) line += " · " + std::string(to_string(sweep.state));
  if (sweep.best_accuracy) {
    line += " · best " + human_percent(*sweep.best_accuracy);
    if (sweep.best_trial) line += " (" + to_string(*sweep.best_trial) + ")";
  }
  if (sweep.seconds_left) line += " · ETA " + clock_time(*sweep.seconds_left);
  return line;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t shown = display_width(text);
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

std::string worker_line(const WorkerOverview& worker, std::size_t name_width,
                        std::size_t label_width) {
  std::string line = "  " + padded(worker.shown, name_width) + "  ";
  if (!worker.trial) return line + worker.state;
  line += padded(to_string(worker.trial->trial) + " " + worker.label, label_width) + "  ";
  const LiveProgress& live = worker.live;
  if (live.epochs == 0) return line + "starting";
  const double within =
      live.batches > 0 ? static_cast<double>(live.batch) / static_cast<double>(live.batches) : 0;
  line += "epoch " + std::to_string(live.epoch) + "/" + std::to_string(live.epochs) + " " +
          bar(within, kTrialBarCells) + " " + std::to_string(live.batch) + "/" +
          std::to_string(live.batches) + "  " + human_fixed(live.images_per_s, 0, " img/s") +
          "  loss " + human_fixed(live.loss, 3) + "  acc " + human_percent(live.accuracy);
  if (worker.seconds_left) line += "  ETA " + clock_time(*worker.seconds_left);
  if (worker.state != "training") line += "  " + worker.state;
  return line;
}

}  // namespace

std::vector<std::string> picture_of(const Overview& overview) {
  std::vector<std::string> lines;
  if (!overview.trouble.empty()) lines.push_back("waiting: " + overview.trouble);
  for (const SweepOverview& sweep : overview.sweeps) {
    if (!is_unfinished(sweep.state)) continue;
    lines.push_back(sweep_line(sweep));
    if (!sweep.broken.empty()) lines.push_back("  broken: " + sweep.broken);
    if (!sweep.blocked.empty()) lines.push_back("  waiting: " + sweep.blocked);
  }
  std::size_t names = 0, labels = 0;
  for (const WorkerOverview& worker : overview.workers) {
    names = std::max(names, display_width(worker.shown));
    if (worker.trial)
      labels =
          std::max(labels, to_string(worker.trial->trial).size() + 1 + display_width(worker.label));
  }
  for (const WorkerOverview& worker : overview.workers)
    lines.push_back(worker_line(worker, names, labels));
  return lines;
}

TerminalDisplay::TerminalDisplay() { std::fputs(kHideCursor, stdout); }

TerminalDisplay::~TerminalDisplay() { close(); }

void TerminalDisplay::committed(std::span<const Record> records) {
  for (const Record& record : records) {
    std::string line = news_.line_for(record);
    if (!line.empty()) scrolled_.push_back(std::move(line));
  }
}

void TerminalDisplay::refresh(const Overview& overview) {
  const Duration now = system_now().steady;
  if (now - last_paint_ < kRepaintEvery) return;
  last_paint_ = now;
  picture_ = picture_of(overview);
  paint();
}

void TerminalDisplay::say(const std::string& line) {
  scrolled_.push_back(line);
  paint();
}

void TerminalDisplay::close() {
  if (closed_) return;
  closed_ = true;
  picture_.clear();
  paint();
  std::fputs(kShowCursor, stdout);
  std::fflush(stdout);
}

// A window made narrower since has broken long lines into several.
void TerminalDisplay::erase() {
  const auto columns = static_cast<std::size_t>(std::max(screen_size().columns, 1));
  std::size_t rows = 0;
  for (const std::size_t width : painted_) {
    rows += std::max<std::size_t>((width + columns - 1) / columns, 1);
  }
  if (rows > 0) std::printf("\x1b[%zuF\x1b[J", rows);
  painted_.clear();
}

void TerminalDisplay::paint() {
  const ScreenSize screen = screen_size();
  erase();
  for (const std::string& line : scrolled_)
    std::printf("%s\n", for_this_terminal(printable(line)).c_str());
  scrolled_.clear();
  for (const std::string& line : picture_) {
    if (static_cast<int>(painted_.size()) + 2 >= screen.rows) break;
    const std::string shown = for_this_terminal(fit(printable(line), screen.columns));
    std::printf("%s\n", shown.c_str());
    painted_.push_back(display_width(shown));
  }
  std::fflush(stdout);
}

}  // namespace firesweep
