#include "shared/codec/parameter_codec.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "shared/base/near_miss.h"
#include "shared/codec/domain_codec.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= 64 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

struct Refused {
  std::string_view word;
  std::string_view what;
  std::string_view hint;
};
constexpr Refused kRefusedNames[] = {
    {"learning_rate", "\"learning_rate\" is not a parameter", "write \"lr\""},
    {"seed", "\"seed\" is not a parameter",
     "list training seeds in \"seeds\", beside \"parameters\""},
    {"model", "\"model\" is not a parameter", "write \"variant\""},
    {"architecture", "\"architecture\" is not a parameter", "write \"variant\""},
    {"smoothing", "\"smoothing\" is not a parameter", "write \"label_smoothing\""},
};

// What other trainers call a field, folded.
struct OtherName {
  std::string_view word;
  std::string_view field;
  std::string_view more = {};  // of the advice to write it
  bool same_values = true;     // false: the field measures it otherwise
};
constexpr OtherName kOtherNames[] = {
    {"learningrate", "lr"},
    {"baselr", "lr", ", the peak of the schedule"},
    {"maxlr", "lr", ", the peak of the schedule"},
    {"initlr", "lr", ", the peak of the schedule"},
    {"learnrate", "lr"},
    {"lr0", "lr", ", the peak of the schedule"},
    {"warmup", "warmup_fraction", ", a share of the run", false},
    {"warmupepochs", "warmup_fraction", ", a share of the run", false},
    {"warmupsteps", "warmup_fraction", ", a share of the run", false},
    {"opt", "optimizer"},
    {"optim", "optimizer"},
    {"lrscheduler", "schedule"},
    {"scheduler", "schedule"},
    {"sched", "schedule"},
    {"lrschedule", "schedule"},
    {"bs", "batch_size"},
    {"batch", "batch_size"},
    {"batchsizetrain", "batch_size"},
    {"trainbatchsize", "batch_size"},
    {"wd", "weight_decay"},
    {"l2", "weight_decay"},
    {"numepochs", "epochs"},
    {"nepochs", "epochs"},
    {"numtrainepochs", "epochs"},
    {"maxepochs", "epochs"},
    {"epoch", "epochs"},
    {"model", "variant"},
    {"modelname", "variant"},
    {"arch", "variant"},
    {"architecture", "variant"},
    {"network", "variant"},
    {"net", "variant"},
    {"backbone", "variant"},
    {"modelema", "ema_decay"},
    {"modelemadecay", "ema_decay"},
    {"ema", "ema_decay"},
    {"clipgrad", "grad_clip"},
    {"gradclipnorm", "grad_clip"},
    {"maxgradnorm", "grad_clip"},
    {"droprate", "dropout"},
    {"dropoutrate", "dropout"},
    {"dropoutp", "dropout"},
    {"dropoutprob", "dropout"},
    {"smoothing", "label_smoothing"},
    {"ls", "label_smoothing"},
    {"trainaug", "augmentation"},
    {"aug", "augmentation"},
    {"augment", "augmentation"},
    {"dataaugmentation", "augmentation"},
    {"mixedprecision", "amp"},
    {"fp16", "amp"},
    {"useamp", "amp"},
    {"valsplit", "val_size", ", images or a fraction"},
    {"valratio", "val_size", ", images or a fraction"},
    {"validationsplit", "val_size", ", images or a fraction"},
};

// What other trainers set that is no field, folded: what to write, or why to leave it out.
struct NoField {
  std::string_view word;
  std::string_view advice;
  bool leave_out = true;
};
constexpr std::string_view kNoSuch = "there is no such setting here";
constexpr std::string_view kDevice = "`firesweep run --device cuda` says where";
constexpr std::string_view kFolder = "`firesweep run --data-dir DIR` says where the images are";
constexpr std::string_view kDataset = "write \"dataset\" beside \"parameters\"";
constexpr std::string_view kSeeds = "list training seeds in \"seeds\", beside \"parameters\"";
constexpr NoField kNoFields[] = {
    {"minlr", kNoSuch},
    {"finallr", kNoSuch},
    {"warmuplr", kNoSuch},
    {"gamma", kNoSuch},
    {"patience", kNoSuch},
    {"mode", kNoSuch},
    {"stepsize", kNoSuch},
    {"milestones", kNoSuch},
    {"tuningmode", kNoSuch},
    {"nesterov", "sgd is always with Nesterov momentum"},
    {"droppath", kNoSuch},
    {"droppathrate", kNoSuch},
    {"datadir", kFolder},
    {"datapath", kFolder},
    {"numclasses", "the dataset says how many there are"},
    {"gpuid", kDevice},
    {"gpu", kDevice},
    {"gpus", kDevice},
    {"device", kDevice},
    {"numworkers", kNoSuch},
    {"workers", kNoSuch},
    {"betas", "write \"beta1\" and \"beta2\"", false},
    {"dataset", kDataset, false},
    {"datasetname", kDataset, false},
    {"data", kDataset, false},
    {"seed", kSeeds, false},
    {"randomseed", kSeeds, false},
};

template <std::size_t N, class Name>
const Name* find_folded(const Name (&table)[N], std::string_view name) {
  const auto it = std::ranges::find(table, folded(name), &Name::word);
  return it == std::end(table) ? nullptr : it;
}

// What to write in place of another trainer's name, or nothing.
std::string advice_on(std::string_view name) {
  if (const OtherName* other = find_folded(kOtherNames, name)) {
    return "write \"" + std::string(other->field) + "\"" + std::string(other->more);
  }
  const NoField* none = find_folded(kNoFields, name);
  if (none == nullptr) return {};
  return (none->leave_out ? "leave it out: " : "") + std::string(none->advice);
}

// "lr" of "optimizer.lr".
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// "did you mean "batch_size"?", or nothing.
std::string near_field(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Field& field : fields()) known.push_back(field.name);
  return did_you_mean(name, known);
}

template <std::size_t N>
const Refused* find_refused(const Refused (&table)[N], std::string_view word) {
  const auto it =
      std::find_if(std::begin(table), std::end(table), [&](auto& r) { return r.word == word; });
  return it == std::end(table) ? nullptr : it;
}

}  // namespace

std::optional<ParameterName> read_parameter_name(const std::string& name, const JsonNode& node) {
  if (const auto* refused = find_refused(kRefusedNames, name)) {
    node.complain(std::string(refused->what), std::string(refused->hint));
    return std::nullopt;
  }
  if (name.starts_with(kArchPrefix)) {
    const std::string arch = name.substr(kArchPrefix.size());
    if (is_identifier(arch)) return ParameterName{nullptr, arch, false};
    node.complain("found " + found_text(name) +
                  ", expected \"arch.NAME\" with a parameter of the architecture files");
    return std::nullopt;
  }
  if (const Field* field = find_field(name)) return ParameterName{field, {}, false};
  if (const Field* field = find_successor(name)) return ParameterName{field, {}, true};
  constexpr const char* kUnknown =
      "unknown parameter, expected a field of the table or \"arch.NAME\"";
  if (const std::string advice = advice_on(name); !advice.empty()) {
    node.complain(kUnknown, advice);
    return std::nullopt;
  }
  const std::string last = last_part(name);
  if (last != name && find_field(last) != nullptr) {
    node.complain("found a dotted name, as of a group of parameters", "write \"" + last + "\"");
    return std::nullopt;
  }
  const std::string near = near_field(name);
  node.complain(kUnknown, near.empty() ? "`firesweep explain` lists them" : near);
  return std::nullopt;
}

const Field* find_field_called(std::string_view name) {
  const std::string plain = folded(name);
  const auto known = fields();
  const auto it = std::find_if(known.begin(), known.end(),
                               [&](const Field& field) { return folded(field.name) == plain; });
  if (it != known.end()) return &*it;
  const OtherName* other = find_folded(kOtherNames, name);
  return other != nullptr && other->same_values ? find_field(other->field) : nullptr;
}

std::string why_no_field(std::string_view name) {
  const NoField* none = find_folded(kNoFields, name);
  return none != nullptr && none->leave_out ? std::string(none->advice) : advice_on(name);
}

std::optional<Value> read_parameter_value(const ParameterName& name, const JsonNode& node) {
  if (name.field == nullptr) return node.scalar();
  return name.former ? node.of_former(*name.field) : node.of_field(*name.field);
}

void check_values_of_foreign(const std::string& name, const JsonNode& node) {
  const Field* field = find_field(last_part(name));
  if (field == nullptr) {
    const auto* refused = find_refused(kRefusedNames, name);
    std::string advice = refused != nullptr ? std::string(refused->hint) : advice_on(name);
    if (advice.empty()) advice = near_field(name);
    const std::size_t open = advice.find('"');
    const std::size_t close = open == std::string::npos ? open : advice.find('"', open + 1);
    if (close == std::string::npos) return;
    field = find_field(advice.substr(open + 1, close - open - 1));
  }
  if (field != nullptr && node.json().is_object()) read_domain({field, {}, false}, node);
}

Parameter as_written(const Parameter& parameter) {
  const Field* field = find_field(parameter.name);
  const auto* list = std::get_if<ValueList>(&parameter.domain);
  if (field == nullptr || list == nullptr || field->former.name.empty()) return parameter;
  ValueList held{{}, list->probabilities};
  for (const Value& value : list->values) {
    const auto known = written(*field, value);
    if (!known || known->name != field->former.name) return parameter;
    held.values.push_back(known->value);
  }
  return {std::string(field->former.name), std::move(held)};
}

}  // namespace firesweep
