#include "shared/domain/fields.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <type_traits>

#include "shared/base/near_miss.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

constexpr double kMaxSeed = 9007199254740991.0;  // 2^53 - 1: exact in every JSON reader

// The fields that every build had, in the order that hashes and frozen sweeps stand on. Never
// edited: a field that is new is not among them.
constexpr std::string_view kFieldsOfVersion1[] = {"variant",
                                                  "dropout",
                                                  "epochs",
                                                  "batch_size",
                                                  "drop_last",
                                                  "optimizer",
                                                  "lr",
                                                  "weight_decay",
                                                  "momentum",
                                                  "beta1",
                                                  "beta2",
                                                  "schedule",
                                                  "warmup_fraction",
                                                  "grad_clip",
                                                  "label_smoothing",
                                                  "augmentation",
                                                  "ema_decay",
                                                  "flip_tta",
                                                  "val_size",
                                                  "split_seed",
                                                  "train_size",
                                                  "test_size",
                                                  "select",
                                                  "protocol",
                                                  "amp",
                                                  "deterministic",
                                                  "simulated_seconds",
                                                  "simulated_failure_rate"};

std::vector<Field> make_fields() {
  using C = TrialConfig;
  return {
      {.name = "variant",
       .member = &C::variant,
       .help = "Architecture to train: the name of a file in architectures/."},
      {.name = "dropout",
       .member = &C::dropout,
       .min = -1,
       .max = 1,
       .help = "Probability of every dropout of the architecture; negative keeps the file's own.",
       .below_max = true},
      {.name = "init",
       .member = &C::init,
       .choices = {"torch", "dirac", "whiten", "dirac_whiten"},
       .help = "How weights begin: as PyTorch draws them; with each convolution's first filters "
               "passing its input on; with a first convolution that whitens patches of the "
               "training images; or with both."},
      {.name = "epochs",
       .member = &C::epochs,
       .min = 1,
       .max = 10'000,
       .unit = "epochs",
       .help = "Passes over the training images."},
      {.name = "batch_size",
       .member = &C::batch_size,
       .min = 1,
       .max = 65'536,
       .unit = "images",
       .help = "Images per optimizer step."},
      {.name = "drop_last",
       .member = &C::drop_last,
       .help = "Whether an epoch's last, smaller batch is dropped."},
      {.name = "optimizer",
       .member = &C::optimizer,
       .choices = {"adamw", "sgd", "muon"},
       .help =
           "Optimizer: AdamW, SGD with Nesterov momentum, or Muon for convolutions but the first "
           "with that SGD for the rest."},
      {.name = "lr",
       .member = &C::lr,
       .min = 0,
       .max = 10,
       .help = "Peak learning rate; 0.02 by default. With another optimizer than the preset's "
               "0.003 for "
               "adamw, 0.1 for sgd, 0.03 for muon.",
       .above_min = true},
      {.name = "sgd_lr",
       .member = &C::sgd_lr,
       .min = 0,
       .max = 10,
       .help = "Peak learning rate of the parameters that muon leaves to SGD.",
       .above_min = true},
      {.name = "weight_decay",
       .member = &C::weight_decay,
       .min = 0,
       .max = 10,
       .help =
           "Weight decay, none on what muon trains, nor without decay_all on BatchNorm, biases; "
           "0.0005 by default, 0.05 where adamw is chosen over it."},
      {.name = "decay_all",
       .member = &C::decay_all,
       .help = "Whether BatchNorm's parameters and biases decay too, as they do in PyTorch where "
               "an optimizer is given all parameters alike.",
       .since = 3},
      {.name = "momentum",
       .member = &C::momentum,
       .min = 0,
       .max = 1,
       .help = "Nesterov momentum of sgd and muon; one-cycle schedules cycle sgd's instead.",
       .below_max = true},
      {.name = "beta1",
       .member = &C::beta1,
       .min = 0,
       .max = 1,
       .help = "AdamW's decay of the gradient's mean.",
       .below_max = true},
      {.name = "beta2",
       .member = &C::beta2,
       .min = 0,
       .max = 1,
       .help = "AdamW's decay of the squared gradient's mean.",
       .below_max = true},
      {.name = "schedule",
       .member = &C::schedule,
       .choices = {"constant", "cosine", "one_cycle", "one_cycle_per_epoch"},
       .help = "How the learning rate moves over the run; one_cycle_per_epoch restarts with every "
               "epoch, as the study's notebook does."},
      {.name = "schedule_epochs",
       .member = &C::schedule_epochs,
       .min = 0,
       .max = 10'000,
       .unit = "epochs",
       .help = "Epochs that the schedule is laid over, whose end a shorter run never sees and a "
               "longer one stays at; 0: those trained.",
       .since = 3},
      {.name = "warmup_fraction",
       .member = &C::warmup_fraction,
       .min = 0,
       .max = 1,
       .help = "Share of a one-cycle schedule in which the learning rate rises.",
       .below_max = true},
      {.name = "grad_clip",
       .member = &C::grad_clip,
       .min = 0,
       .max = 1e6,
       .help = "Largest norm of the whole gradient; 0 leaves it as it is."},
      {.name = "bn_bias_lr_factor",
       .member = &C::bn_bias_lr_factor,
       .min = 0,
       .max = 1000,
       .help = "Learning rate of BatchNorm's biases, as a multiple of the other biases'."},
      {.name = "bn_momentum",
       .member = &C::bn_momentum,
       .min = 0,
       .max = 1,
       .help = "Share of a batch in BatchNorm's running statistics, as PyTorch's momentum.",
       .above_min = true},
      {.name = "label_smoothing",
       .member = &C::label_smoothing,
       .min = 0,
       .max = 1,
       .help = "Share of the target spread evenly over all classes.",
       .below_max = true},
      {.name = "augmentation",
       .member = &C::augmentation,
       .choices = {"none", "crop_flip", "crop_flip_jitter"},
       .help = "Random crop, horizontal flip and colour jitter."},
      {.name = "crop_padding",
       .member = &C::crop_padding,
       .min = 0,
       .max = 8,
       .unit = "pixels",
       .help = "Pixels around a training image, within which the random crop moves."},
      {.name = "pad_mode",
       .member = &C::pad_mode,
       .choices = {"zero", "reflect"},
       .help = "What stands around a training image: black, or its own mirror image."},
      {.name = "flip",
       .member = &C::flip,
       .choices = {"random", "alternating", "none"},
       .help = "Which images an epoch shows mirrored: half of them at random, each of them every "
               "other epoch, or none."},
      {.name = "trivial_augment",
       .member = &C::trivial_augment,
       .help = "Whether each training image passes through one operation of TrivialAugment, such "
               "as a shear or a change of contrast, of a random strength."},
      {.name = "cutout",
       .member = &C::cutout,
       .min = 0,
       .max = 32,
       .unit = "pixels",
       .help = "Side of the square that is cut out of every training image; 0 turns it off."},
      {.name = "mixup_alpha",
       .member = &C::mixup_alpha,
       .min = 0,
       .max = 10,
       .help = "Images and labels are blended in pairs by shares from Beta(a, a); 0 turns it off. "
               "Beside cutmix_alpha each batch goes one way."},
      {.name = "cutmix_alpha",
       .member = &C::cutmix_alpha,
       .min = 0,
       .max = 10,
       .help = "A box of another image is pasted in, its area's share from Beta(a, a); 0 turns it "
               "off."},
      {.name = "ema_decay",
       .member = &C::ema_decay,
       .min = 0,
       .max = 1,
       .help = "Decay of the moving average of weights that is evaluated; 0 turns it off.",
       .below_max = true},
      {.name = "tta",
       .member = &C::tta,
       .choices = {"none", "flip", "flip_shift"},
       .help =
           "Whether test accuracy is also measured over several views of each image: it and its "
           "mirror image, or these also moved by a pixel.",
       .former = {"flip_tta", {{false, std::string("none")}, {true, std::string("flip")}}}},
      {.name = "val_size",
       .member = &C::val_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help = "Training images held out for validation: a count, or a fraction below 1."},
      {.name = "split_seed",
       .member = &C::split_seed,
       .min = 0,
       .max = kMaxSeed,
       .help = "Seed of the validation split, the same images for every trial."},
      {.name = "train_size",
       .member = &C::train_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help = "Training images used, after the validation split; 0 uses all."},
      {.name = "test_size",
       .member = &C::test_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help = "Test images looked at, a balanced subset drawn with split_seed; 0 looks at all."},
      {.name = "select",
       .member = &C::select,
       .choices = {"last", "best"},
       .help = "Which epoch's weights are kept and tested: the last, or the best in validation."},
      {.name = "protocol",
       .member = &C::protocol,
       .choices = {kWordsOf<Protocol>.begin(), kWordsOf<Protocol>.end()},
       .help = "held_out tests once after selection on validation images; study tests after every "
               "epoch and has no validation split; refit trains a chosen config on all training "
               "images and tests once, after the last epoch."},
      {.name = "amp",
       .member = &C::amp,
       .choices = {"auto", "off", "bf16", "fp16"},
       .help = "Mixed precision; auto takes what the device does fast and safely."},
      {.name = "deterministic",
       .member = &C::deterministic,
       .help = "Whether only deterministic algorithms are used, which costs speed."},
      {.name = "simulated_seconds",
       .member = &C::simulated_seconds,
       .min = 0,
       .max = 3600,
       .unit = "seconds",
       .help = "Duration of an epoch of the simulated trainer."},
      {.name = "simulated_failure_rate",
       .member = &C::simulated_failure_rate,
       .min = 0,
       .max = 1,
       .help = "Probability that a trial of the simulated trainer fails."},
  };
}

// "[0, 1)", with the bounds as people write them.
std::string range_text(const Field& field) {
  return (field.above_min ? "(" : "[") + to_string(Value(field.min)) + ", " +
         to_string(Value(field.max)) + (field.below_max ? ")" : "]");
}

bool within(const Field& field, double number) {
  const bool above = field.above_min ? number > field.min : number >= field.min;
  const bool below = field.below_max ? number < field.max : number <= field.max;
  return above && below;  // false for NaN
}

// The value as the member's type holds it, or nothing where type, bounds or choices forbid it.
template <class T>
const T* accept(const Field& field, const Value& value, T& room) {
  if constexpr (std::is_same_v<T, double>) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      room = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      room = *real;
    } else {
      return nullptr;
    }
    return within(field, room) ? &room : nullptr;
  } else if constexpr (Choice<T>) {
    const auto* word = std::get_if<std::string>(&value);
    const auto choice = word != nullptr ? find_choice<T>(*word) : std::nullopt;
    if (!choice) return nullptr;
    room = *choice;
    return &room;
  } else {
    const T* found = std::get_if<T>(&value);
    if (found == nullptr) return nullptr;
    if constexpr (std::is_same_v<T, std::int64_t>) {
      if (!within(field, static_cast<double>(*found))) return nullptr;
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto& choices = field.choices;
      const bool known =
          choices.empty() || std::find(choices.begin(), choices.end(), *found) != choices.end();
      if (!known || found->empty()) return nullptr;
    }
    return found;
  }
}

// The table with what follows from it.
struct FieldTable {
  FieldTable(std::vector<Field> entries, std::span<const std::string_view> first)
      : fields(std::move(entries)) {
    for (const std::string_view name : first) {
      const auto it = std::find_if(fields.begin(), fields.end(), [&](const Field& field) {
        return field.name == name || field.former.name == name;
      });
      assert(it != fields.end());  // a field of version 1 is here, or a successor names it
      if (it->name == name) it->since = 1;
      as_written.push_back(&*it);
    }
    const auto old_count = static_cast<std::ptrdiff_t>(as_written.size());
    for (Field& field : fields) {
      if (!field.before) field.before = get_field(TrialConfig{}, field);
      const auto known = std::find(as_written.begin(), as_written.begin() + old_count, &field);
      if (known == as_written.begin() + old_count) as_written.push_back(&field);
    }
    std::sort(as_written.begin() + old_count, as_written.end(),
              [](const Field* a, const Field* b) { return a->name < b->name; });
  }

  std::vector<Field> fields;
  std::vector<const Field*> as_written;
};

// What OtherFields has put in the table's place.
std::unique_ptr<const FieldTable>& other_table() {
  static std::unique_ptr<const FieldTable> other;
  return other;
}

const FieldTable& table() {
  static const FieldTable own(make_fields(), kFieldsOfVersion1);
  return other_table() ? *other_table() : own;
}

template <class Wanted>
const Field* first_where(Wanted wanted) {
  const auto all = fields();
  const auto it = std::find_if(all.begin(), all.end(), wanted);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

FieldType type_of(const Field& field) {
  return std::visit(
      []<class T>(T TrialConfig::*) {
        if constexpr (std::is_same_v<T, bool>) return FieldType::kFlag;
        if constexpr (std::is_same_v<T, std::int64_t>) return FieldType::kWhole;
        if constexpr (std::is_same_v<T, double>) return FieldType::kReal;
        return FieldType::kText;
      },
      field.member);
}

std::span<const Field> fields() { return table().fields; }

const Field* find_field(std::string_view name) {
  return first_where([&](const Field& field) { return field.name == name; });
}

const Field* find_successor(std::string_view former) {
  return first_where(
      [&](const Field& field) { return !former.empty() && field.former.name == former; });
}

std::optional<Value> succeeded(const Field& field, const Value& held) {
  for (const auto& [old, now] : field.former.values) {
    if (same_value(old, held)) return now;
  }
  return std::nullopt;
}

std::vector<std::string> newer_fields() {
  std::vector<std::string> names;
  for (const Field& field : fields()) {
    if (field.since > 1) names.emplace_back(field.name);
  }
  return names;
}

std::span<const Field* const> fields_as_written() { return table().as_written; }

std::optional<Written> written(const Field& field, const Value& value) {
  for (const auto& [old, now] : field.former.values) {
    if (same_value(now, value)) return Written{field.former.name, old};
  }
  if (field.since > 1 && field.before && same_value(value, *field.before)) return std::nullopt;
  return Written{field.name, value};
}

OtherFields::OtherFields(std::vector<Field> fields, std::vector<std::string_view> first) {
  other_table() = std::make_unique<const FieldTable>(std::move(fields), first);
}

OtherFields::~OtherFields() { other_table().reset(); }

Value get_field(const TrialConfig& config, const Field& field) {
  return std::visit(
      [&]<class T>(T TrialConfig::* member) {
        if constexpr (Choice<T>) {
          return Value(std::string(to_string(config.*member)));
        } else {
          return Value(config.*member);
        }
      },
      field.member);
}

Result<void> set_field(TrialConfig& config, const Field& field, const Value& value,
                       std::string_view where) {
  const bool taken = std::visit(
      [&]<class T>(T TrialConfig::* member) {
        T room{};
        const T* accepted = accept<T>(field, value, room);
        if (accepted != nullptr) config.*member = *accepted;
        return accepted != nullptr;
      },
      field.member);
  if (taken) return {};
  std::string hint;
  if (const auto* text = std::get_if<std::string>(&value)) {
    hint = did_you_mean(*text, field.choices);
  }
  return fail(ErrorCode::kBadInput, std::string(where),
              "found " + found_text(value) + ", expected " + expected_text(field), std::move(hint));
}

std::string expected_text(const Field& field) {
  switch (type_of(field)) {
    case FieldType::kFlag:
      return "true or false";
    case FieldType::kWhole:
      return "a whole number in " + range_text(field);
    case FieldType::kReal:
      return "a number in " + range_text(field);
    case FieldType::kText:
      break;
  }
  if (field.choices.empty()) return "a name";
  std::string text = "one of ";
  for (const std::string_view choice : field.choices) {
    if (text.back() == '"') text += ", ";
    text += '"' + std::string(choice) + '"';
  }
  return text;
}

std::string found_text(const Value& value) {
  constexpr std::size_t kMost = 60;  // columns shown
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return to_string(value);
  std::string clean = printable(*text);
  std::replace(clean.begin(), clean.end(), '\n', '?');
  const std::string_view shown = head_of_width(clean, kMost);
  return '"' + std::string(shown) + (shown.size() < clean.size() ? "…\"" : "\"");
}

}  // namespace firesweep
