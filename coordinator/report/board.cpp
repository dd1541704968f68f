#include "coordinator/report/board.h"

#include "coordinator/report/render/human.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {
namespace {

constexpr std::size_t kShownDigits = 8;  // of a sha256: enough to tell a few apart

bool holds_out(const Board& board) {
  return find_choice<Protocol>(board.protocol) == Protocol::kHeldOut;
}

std::string split_of(const Board& board) {
  const TrialConfig usual;
  std::string text;
  if (board.val_size != usual.val_size) {
    text = board.val_size < 1
               ? human_percent(board.val_size, 1) + " of the images held out"
               : human_whole(static_cast<std::int64_t>(board.val_size)) + " images held out";
  }
  if (board.split_seed != usual.split_seed) {
    text += (text.empty() ? "" : ", ") + ("split seed " + std::to_string(board.split_seed));
  }
  return text;
}

}  // namespace

std::string heading_of(const Board& board) {
  std::string text = board.dataset;
  if (!board.content.empty()) text += " (images " + board.content.substr(0, kShownDigits) + ")";
  if (is_simulated(board)) text += ", SIMULATED (no training took place)";
  if (holds_out(board)) {
    text += ", held-out validation";
  } else {
    text += ", protocol " + board.protocol + " (test accuracy)";
  }
  text += ", " + human_whole(board.epochs) + (board.epochs == 1 ? " epoch" : " epochs");
  if (board.train_size > 0) text += ", " + human_whole(board.train_size) + " training images";
  if (board.test_size > 0) text += ", " + human_whole(board.test_size) + " test images";
  if (holds_out(board)) {
    if (const std::string split = split_of(board); !split.empty()) text += ", " + split;
  }
  return text;
}

bool is_simulated(const Board& board) {
  return find_choice<Trainer>(board.trainer) == Trainer::kSimulated;
}

std::string score_name(const Board& board) {
  return holds_out(board) ? "Validation accuracy" : "Test accuracy";
}

}  // namespace firesweep
