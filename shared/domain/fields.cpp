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

// The fields of version 1, in the order that hashes and frozen sweeps use. Never edit this list: a
// new field is not part of it.
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
       .help = "Probability of every dropout layer of the architecture. A negative value keeps the "
               "probabilities of the architecture file.",
       .below_max = true},
      {.name = "init",
       .member = &C::init,
       .choices = {"torch", "dirac", "whiten", "dirac_whiten"},
       .help = "Initial weights. torch: PyTorch's default. dirac: the first filters of each "
               "convolution copy its input. whiten: the first convolution whitens patches of the "
               "training images. dirac_whiten: both."},
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
       .help = "AdamW, SGD with Nesterov momentum, or Muon. Muon trains all convolutions except "
               "the first; SGD trains the other parameters."},
      {.name = "lr",
       .member = &C::lr,
       .min = 0,
       .max = 10,
       .help = "Peak learning rate. If the optimizer is not the preset's own, the default is 0.003 "
               "for adamw, 0.1 for sgd and 0.03 for muon.",
       .above_min = true},
      {.name = "sgd_lr",
       .member = &C::sgd_lr,
       .min = 0,
       .max = 10,
       .help = "Peak learning rate of the parameters that SGD trains when the optimizer is muon.",
       .above_min = true},
      {.name = "weight_decay",
       .member = &C::weight_decay,
       .min = 0,
       .max = 10,
       .help = "Weight decay. It does not apply to parameters that Muon trains, nor, unless "
               "decay_all is true, to BatchNorm's parameters and biases. If the optimizer is "
               "changed to adamw, the default is 0.05."},
      {.name = "decay_all",
       .member = &C::decay_all,
       .help = "Whether weight decay also applies to BatchNorm's parameters and biases, as in "
               "PyTorch when an optimizer gets all parameters in one group.",
       .since = 3},
      {.name = "momentum",
       .member = &C::momentum,
       .min = 0,
       .max = 1,
       .help =
           "Nesterov momentum of sgd and muon. With sgd, one-cycle schedules cycle the momentum "
           "and ignore this value.",
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
       .help = "Learning rate schedule. one_cycle_per_epoch restarts at every epoch, as the "
               "study's notebook does. constant may end with cooldown_epochs."},
      {.name = "schedule_epochs",
       .member = &C::schedule_epochs,
       .min = 0,
       .max = 10'000,
       .unit = "epochs",
       .help = "Length of the schedule. A shorter run stops before the schedule's end, a longer "
               "run stays at its last learning rate. 0 uses the value of epochs.",
       .since = 3},
      {.name = "warmup_fraction",
       .member = &C::warmup_fraction,
       .min = 0,
       .max = 1,
       .help = "Share of a one-cycle schedule in which the learning rate rises.",
       .below_max = true},
      {.name = "cooldown_epochs",
       .member = &C::cooldown_epochs,
       .min = 0,
       .max = 10'000,
       .unit = "epochs",
       .help = "With schedule constant: the last epochs of the run, in which the learning rate "
               "falls in a straight line to almost 0. All epochs if the run has no more. 0 turns "
               "it off.",
       .since = 6},
      {.name = "grad_clip",
       .member = &C::grad_clip,
       .min = 0,
       .max = 1e6,
       .help = "Largest norm of the whole gradient; a larger gradient is scaled down. 0 turns it "
               "off."},
      {.name = "bn_bias_lr_factor",
       .member = &C::bn_bias_lr_factor,
       .min = 0,
       .max = 1000,
       .help = "Factor on the learning rate of BatchNorm's biases."},
      {.name = "bn_momentum",
       .member = &C::bn_momentum,
       .min = 0,
       .max = 1,
       .help = "Weight of a batch in BatchNorm's running statistics, as momentum in PyTorch.",
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
       .help = "Pixels added on each side of a training image before the random crop."},
      {.name = "pad_mode",
       .member = &C::pad_mode,
       .choices = {"zero", "reflect"},
       .help = "Padding around a training image: zero (black) or reflect (its mirror image)."},
      {.name = "flip",
       .member = &C::flip,
       .choices = {"random", "alternating", "none"},
       .help = "Horizontal flips. random: each image with probability 0.5. alternating: each image "
               "in every second epoch. none: no image."},
      {.name = "trivial_augment",
       .member = &C::trivial_augment,
       .help = "Whether TrivialAugment applies one random operation of random strength to each "
               "training image, such as a shear or a change of contrast."},
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
       .help = "mixup: images and labels are blended in pairs, with weights from Beta(a, a). 0 "
               "turns it off. If cutmix_alpha is set too, each batch uses one of the two."},
      {.name = "cutmix_alpha",
       .member = &C::cutmix_alpha,
       .min = 0,
       .max = 10,
       .help = "CutMix: a box of another image is pasted into each image; its share of the area is "
               "drawn from Beta(a, a). 0 turns it off."},
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
           "Test-time augmentation: additionally measures the test accuracy over several views of "
           "each image. flip: the image and its mirror image. flip_shift: both, also shifted by "
           "one pixel.",
       .former = {"flip_tta", {{false, std::string("none")}, {true, std::string("flip")}}}},
      {.name = "val_size",
       .member = &C::val_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help = "Training images held out for validation: a count, or a fraction below 1.",
       .is_share = true},
      {.name = "split_seed",
       .member = &C::split_seed,
       .min = 0,
       .max = kMaxSeed,
       .help = "Seed of the validation split. Trials with equal split_seed and val_size hold out "
               "the same images."},
      {.name = "train_size",
       .member = &C::train_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help = "Number of training images to use, after the validation split; 0 uses all."},
      {.name = "test_size",
       .member = &C::test_size,
       .min = 0,
       .max = 10'000'000,
       .unit = "images",
       .help =
           "Number of test images to use, a balanced subset drawn with split_seed; 0 uses all."},
      {.name = "select",
       .member = &C::select,
       .choices = {"last", "best"},
       .help =
           "Which epoch's weights are kept and tested: the last epoch's, or those with the best "
           "validation accuracy."},
      {.name = "protocol",
       .member = &C::protocol,
       .choices = {kWordsOf<Protocol>.begin(), kWordsOf<Protocol>.end()},
       .help = "held_out: selects on validation images, then tests once. study: no validation "
               "split, tests after every epoch. refit: trains a chosen config on all training "
               "images and tests once, after the last epoch."},
      {.name = "amp",
       .member = &C::amp,
       .choices = {"auto", "off", "bf16", "fp16"},
       .help =
           "Mixed precision. auto: bf16 or fp16 if the device supports it well, otherwise off."},
      {.name = "deterministic",
       .member = &C::deterministic,
       .help = "Whether to use deterministic algorithms only, which are slower."},
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

bool may_have(const Field& field, double number) {
  return type_of(field) == FieldType::kReal && within(field, number);
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
