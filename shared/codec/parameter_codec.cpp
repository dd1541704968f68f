#include "shared/codec/parameter_codec.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "shared/base/near_miss.h"
#include "shared/codec/domain_codec.h"

namespace firesweep {
namespace {

constexpr std::string_view kArchPrefix = "arch.";

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

// What other trainers call things, folded, and what to write here.
struct OtherName {
  std::string_view word;
  std::string_view hint;
};
constexpr std::string_view kLeaveOut = "there is no such setting here: leave it out";
constexpr std::string_view kDatasetHint = "write \"dataset\" beside \"parameters\"";
constexpr std::string_view kDeviceHint = "leave it out; `firesweep run --device cuda` says where";
constexpr OtherName kOtherNames[] = {
    {"learningrate", "write \"lr\""},
    {"baselr", "write \"lr\", the peak of the schedule"},
    {"maxlr", "write \"lr\", the peak of the schedule"},
    {"initlr", "write \"lr\", the peak of the schedule"},
    {"minlr", kLeaveOut},
    {"finallr", kLeaveOut},
    {"warmuplr", kLeaveOut},
    {"warmup", "write \"warmup_fraction\", a share of the run"},
    {"warmupepochs", "write \"warmup_fraction\", a share of the run"},
    {"warmupsteps", "write \"warmup_fraction\", a share of the run"},
    {"opt", "write \"optimizer\""},
    {"optim", "write \"optimizer\""},
    {"lrscheduler", "write \"schedule\""},
    {"scheduler", "write \"schedule\""},
    {"sched", "write \"schedule\""},
    {"lrschedule", "write \"schedule\""},
    {"gamma", kLeaveOut},
    {"patience", kLeaveOut},
    {"mode", kLeaveOut},
    {"stepsize", kLeaveOut},
    {"milestones", kLeaveOut},
    {"tuningmode", kLeaveOut},
    {"bs", "write \"batch_size\""},
    {"batch", "write \"batch_size\""},
    {"wd", "write \"weight_decay\""},
    {"l2", "write \"weight_decay\""},
    {"numepochs", "write \"epochs\""},
    {"nepochs", "write \"epochs\""},
    {"maxepochs", "write \"epochs\""},
    {"epoch", "write \"epochs\""},
    {"model", "write \"variant\""},
    {"modelname", "write \"variant\""},
    {"arch", "write \"variant\""},
    {"architecture", "write \"variant\""},
    {"network", "write \"variant\""},
    {"net", "write \"variant\""},
    {"backbone", "write \"variant\""},
    {"modelema", "write \"ema_decay\""},
    {"modelemadecay", "write \"ema_decay\""},
    {"ema", "write \"ema_decay\""},
    {"betas", "write \"beta1\" and \"beta2\""},
    {"nesterov", "leave it out: sgd is always with Nesterov momentum"},
    {"clipgrad", "write \"grad_clip\""},
    {"gradclipnorm", "write \"grad_clip\""},
    {"maxgradnorm", "write \"grad_clip\""},
    {"droprate", "write \"dropout\""},
    {"dropoutrate", "write \"dropout\""},
    {"droppath", kLeaveOut},
    {"droppathrate", kLeaveOut},
    {"smoothing", "write \"label_smoothing\""},
    {"ls", "write \"label_smoothing\""},
    {"trainaug", "write \"augmentation\""},
    {"aug", "write \"augmentation\""},
    {"augment", "write \"augmentation\""},
    {"dataaugmentation", "write \"augmentation\""},
    {"mixedprecision", "write \"amp\""},
    {"fp16", "write \"amp\""},
    {"useamp", "write \"amp\""},
    {"valsplit", "write \"val_size\", images or a fraction"},
    {"valratio", "write \"val_size\", images or a fraction"},
    {"validationsplit", "write \"val_size\", images or a fraction"},
    {"dataset", kDatasetHint},
    {"datasetname", kDatasetHint},
    {"data", kDatasetHint},
    {"datadir", "leave it out; `firesweep run --data-dir DIR` says where the images are"},
    {"datapath", "leave it out; `firesweep run --data-dir DIR` says where the images are"},
    {"numclasses", "leave it out: the dataset says how many there are"},
    {"gpuid", kDeviceHint},
    {"gpu", kDeviceHint},
    {"gpus", kDeviceHint},
    {"device", kDeviceHint},
    {"numworkers", kLeaveOut},
    {"workers", kLeaveOut},
    {"seed", "list training seeds in \"seeds\", beside \"parameters\""},
    {"randomseed", "list training seeds in \"seeds\", beside \"parameters\""},
};

const OtherName* find_other_name(std::string_view name) {
  const std::string plain = folded(name);
  const auto it = std::find_if(std::begin(kOtherNames), std::end(kOtherNames),
                               [&](const OtherName& other) { return other.word == plain; });
  return it == std::end(kOtherNames) ? nullptr : it;
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
  if (const OtherName* other = find_other_name(name)) {
    node.complain(kUnknown, std::string(other->hint));
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

std::optional<Value> read_parameter_value(const ParameterName& name, const JsonNode& node) {
  if (name.field == nullptr) return node.scalar();
  return name.former ? node.of_former(*name.field) : node.of_field(*name.field);
}

void check_values_of_foreign(const std::string& name, const JsonNode& node) {
  const Field* field = find_field(last_part(name));
  if (field == nullptr) {
    const auto* refused = find_refused(kRefusedNames, name);
    const OtherName* other = find_other_name(name);
    const std::string advice = refused != nullptr ? std::string(refused->hint)
                               : other != nullptr ? std::string(other->hint)
                                                  : near_field(name);
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
