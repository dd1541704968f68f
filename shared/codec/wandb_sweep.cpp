#include "shared/codec/wandb_sweep.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "shared/base/near_miss.h"
#include "shared/base/utf8.h"
#include "shared/codec/document.h"
#include "shared/codec/json_node.h"
#include "shared/codec/parameter_codec.h"
#include "shared/codec/sweep_draft.h"
#include "shared/codec/wandb_domain.h"
#include "shared/codec/wandb_parameters.h"
#include "shared/codec/wandb_settings.h"
#include "shared/domain/choices.h"

namespace firesweep {
namespace {

using Outcome = ImportNote::Outcome;

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

// Folded names whose values are no hyperparameters but members of our file.
constexpr std::array<std::string_view, 5> kSeedNames = {"seed", "randomseed", "manualseed",
                                                        "globalseed", "rngseed"};
constexpr std::array<std::string_view, 3> kDatasetNames = {"dataset", "datasetname", "dataname"};

// "command --epochs" of a flag, else the path.
std::string called(const WandbParameter& one) {
  return one.flag.empty() ? one.path : "command " + one.flag;
}

// The dataset that "torch/cifar100" or "CIFAR-100" means.
std::optional<DatasetName> dataset_of(const Json& spec) {
  if (!spec.is_object()) return std::nullopt;
  auto value = spec.find("value");
  const auto list = spec.find("values");
  const bool single = list != spec.end() && list->is_array() && list->size() == 1;
  if (value == spec.end() && !single) return std::nullopt;
  const Json& given = value != spec.end() ? *value : list->front();
  if (!given.is_string()) return std::nullopt;
  const std::string plain = folded(given.get<std::string>());
  for (const std::string_view word : kWordsOf<DatasetName>) {
    if (plain.ends_with(folded(word))) return find_choice<DatasetName>(word);
  }
  return std::nullopt;
}

// Carries one file over. One use.
class Importer {
 public:
  Importer(const Json& root, std::string_view file_name, std::span<const std::string> architectures)
      : root_(root), file_name_(file_name), architectures_(architectures) {}

  ImportedSweep import() {
    WandbSettings settings(root_, draft_, notes_);
    settings.read_first(file_name_);
    found_ = wandb_parameters(root_);
    for (const WandbParameter& one : found_) parameter(one);
    unknown_flags();
    what_is_missing();
    settings.read_last();
    return {draft_.has_parameters() ? draft_.text() : std::string(), std::move(notes_)};
  }

 private:
  void note(Outcome outcome, std::string member, std::string what, std::string hint = {}) {
    notes_.push_back({outcome, std::move(member), std::move(what), std::move(hint)});
  }

  void parameter(const WandbParameter& one) {
    const std::string last = folded_name(one.path);
    if (std::ranges::find(kSeedNames, last) != kSeedNames.end()) return seeds(one);
    if (std::ranges::find(kDatasetNames, last) != kDatasetNames.end()) return dataset(one);
    if (last == "data" && dataset_of(one.spec)) return dataset(one);  // elsewhere it is a folder
    const Field* field = field_of_path(one.path);
    if (field == nullptr && !one.flag.empty()) {
      unknown_flags_.push_back(one.flag);
    } else if (field == nullptr) {
      unknown(one);
    } else if (const std::string taken = taken_by(*field, one); !taken.empty()) {
      const std::string name(field->name);
      note(Outcome::kLeftOut, called(one),
           "\"" + name + "\" is given already" + (taken == name ? "" : " by " + taken),
           "leave one out");
    } else {
      hyperparameter(one, *field);
    }
  }

  // What the field's value comes from, if not from this: what was carried before, or what has the
  // field's own name.
  std::string taken_by(const Field& field, const WandbParameter& one) const {
    const auto before = carried_.find(field.name);
    if (before != carried_.end()) return before->second;
    const auto own = std::ranges::find_if(found_, [&](const WandbParameter& other) {
      return other.flag.empty() && other.path == field.name;
    });
    return own == found_.end() || &*own == &one ? std::string() : called(*own);
  }

  void hyperparameter(const WandbParameter& one, const Field& field) {
    const bool is_grid = draft_.members().at("method") == "grid";
    auto domain = in_words_of(field, wandb_domain(one.spec, is_grid), architectures_);
    if (!domain) {
      const Error& error = domain.error();
      return note(Outcome::kLeftOut, called(one), reason_of(error), error.hint);
    }
    const std::string name(field.name);
    const bool same_name = called(one) == name;
    const auto refused =
        draft_.set_parameter(name, std::move(domain->json), same_name ? "" : called(one));
    if (refused) return note(Outcome::kLeftOut, called(one), reason_of(*refused), refused->hint);
    carried_.emplace(name, called(one));
    std::vector<std::string> said = domain->changes;
    if (!same_name) said.insert(said.begin(), "as " + name);
    note(domain->changes.empty() ? Outcome::kCarried : Outcome::kChanged, called(one),
         joined(said, "; "));
  }

  void unknown(const WandbParameter& one) {
    const std::string why = why_no_field(one.path.substr(one.path.rfind('.') + 1));
    if (why.empty()) {
      note(Outcome::kLeftOut, one.path, "no hyperparameter here has this name",
           "`firesweep explain` lists them");
    } else {
      note(Outcome::kLeftOut, one.path, why);
    }
  }

  void unknown_flags() {
    if (unknown_flags_.empty()) return;
    note(Outcome::kLeftOut, "command " + joined(unknown_flags_, ", "),
         "no hyperparameter here has this name", "`firesweep explain` lists them");
  }

  // Every point is trained with every seed; W&B takes one of them as it takes any other value.
  void seeds(const WandbParameter& one) {
    const Json spec = wandb_domain(one.spec, true).json;
    Json list = Json::array();
    if (spec.is_object() && spec.contains("value")) list.push_back(spec["value"]);
    if (spec.is_object() && spec.contains("values")) list = spec["values"];
    if (draft_.members().contains("seeds")) {
      return note(Outcome::kLeftOut, called(one), "\"seeds\" is given already", "leave one out");
    }
    const auto refused = draft_.set("seeds", list, called(one));
    if (refused) {
      return note(Outcome::kLeftOut, called(one), reason_of(*refused),
                  "list training seeds in \"seeds\", beside \"parameters\"");
    }
    const bool many = list.size() > 1;
    note(many ? Outcome::kChanged : Outcome::kCarried, called(one),
         many ? "as \"seeds\": every point is trained with each of them" : "as \"seeds\"");
  }

  void dataset(const WandbParameter& one) {
    const auto known = dataset_of(one.spec);
    if (has_dataset_) {
      note(Outcome::kLeftOut, called(one), "\"dataset\" is given already", "leave one out");
    } else if (known) {
      has_dataset_ = true;
      draft_.set("dataset", to_string(*known), called(one) == "dataset" ? "" : called(one));
      note(Outcome::kCarried, called(one), "as \"dataset\": " + std::string(to_string(*known)));
    } else {
      note(Outcome::kLeftOut, called(one),
           "found no dataset that is known here, expected " + one_of(kWordsOf<DatasetName>));
    }
  }

  // What ours must have and W&B's leaves to the program.
  void what_is_missing() {
    if (!draft_.has_parameters()) return;
    if (!has_dataset_) {
      const std::string dataset = draft_.members().at("dataset").get<std::string>();
      draft_.set("dataset", dataset, "not said in W&B's file");
      note(Outcome::kAdded, "dataset", dataset + ": W&B's file names none that is known here",
           "change it to " + one_of(kWordsOf<DatasetName>));
    }
    draft_.set("preset", "adamw", "what else the program does is not in W&B's file");
    note(Outcome::kAdded, "preset", "adamw, a plain recipe, sets what the file leaves open",
         "`firesweep explain preset` compares the recipes");
  }

  const Json& root_;
  std::string_view file_name_;
  std::span<const std::string> architectures_;
  SweepDraft draft_;
  bool has_dataset_ = false;
  std::vector<WandbParameter> found_;
  std::map<std::string, std::string, std::less<>> carried_;  // field → where it comes from
  std::vector<std::string> unknown_flags_;
  std::vector<ImportNote> notes_;
};

}  // namespace

Result<ImportedSweep> import_wandb(std::string_view text, std::string_view file_name,
                                   std::span<const std::string> architectures) {
  const auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  const Json* root = &*tree;
  const auto wrapped = tree->find("sweep");  // some programs keep it in a member
  if (!tree->contains("parameters") && wrapped != tree->end() && wrapped->is_object()) {
    root = &*wrapped;
  }
  const auto parameters = root->find("parameters");
  if (parameters == root->end() || !parameters->is_object()) {
    return fail(ErrorCode::kBadInput, std::string(file_name),
                "found no \"parameters\", expected a sweep file of W&B",
                "docs/migrating.md shows one");
  }
  return Importer(*root, file_name, architectures).import();
}

std::string to_string(const ImportNote& note) {
  constexpr std::array<std::string_view, 4> kOutcomes = {"carried over", "changed", "added",
                                                         "left out"};
  std::string text(kOutcomes.at(static_cast<std::size_t>(note.outcome)));
  text += ": " + note.member;
  if (!note.what.empty()) {
    const bool name_alone = note.outcome == Outcome::kCarried && note.what.starts_with("as ");
    text += (name_alone ? " " : ": ") + note.what;
  }
  if (!note.hint.empty()) text += "; " + note.hint;
  text = printable(text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace firesweep
