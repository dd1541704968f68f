#include "shared/codec/architecture_codec.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>

#include "shared/base/near_miss.h"
#include "shared/codec/document.h"
#include "shared/codec/json_text.h"
#include "shared/codec/place.h"
#include "shared/codec/sha256.h"

namespace firesweep {
namespace {

using Words = std::vector<std::string_view>;

// What stands beside a block's kind: {"conv": 64}, {"act": "relu"}, {"fire": {…}}, {"residual":
// […]}, …
enum class Beside { kNothing, kNumber, kWord, kObject, kBlocks, kBranches, kParam };

struct WordOption {
  std::string_view key;
  Words choices;
};

// A kind of block and the options it takes.
struct BlockKind {
  std::string_view name;
  Beside beside;
  std::string_view example;
  Words numbers = {};
  std::vector<WordOption> words = {};
  bool bias = false;
};

const std::vector<BlockKind>& block_kinds() {
  static const Words activations = {"relu", "relu6", "silu"};
  static const Words activations_or_none = {"relu", "relu6", "silu", "none"};
  static const Words norms = {"bn", "none"};
  static const std::vector<BlockKind> kinds = {
      {"conv",
       Beside::kNumber,
       R"({"conv": 64})",
       {"kernel", "stride", "padding", "groups"},
       {},
       true},
      {"bn", Beside::kNothing, R"("bn")"},
      {"act", Beside::kWord, R"({"act": "relu"})", {}, {{"act", activations}}},
      {"max_pool", Beside::kNumber, R"({"max_pool": 2})", {"stride", "padding"}},
      {"avg_pool", Beside::kNumber, R"({"avg_pool": 2})", {"stride", "padding"}},
      {"global_avg_pool", Beside::kNothing, R"("global_avg_pool")"},
      {"flatten", Beside::kNothing, R"("flatten")"},
      {"dropout", Beside::kNumber, R"({"dropout": 0.3})"},
      {"linear", Beside::kNumber, R"({"linear": "classes"})"},
      {"conv_bn_relu",
       Beside::kNumber,
       R"({"conv_bn_relu": 64})",
       {"kernel", "stride", "padding", "groups"},
       {{"norm", norms}, {"act", activations_or_none}},
       true},
      {"fire",
       Beside::kObject,
       R"({"fire": {"squeeze": 8, "expand1x1": 32, "expand3x3": 32}})",
       {"squeeze", "expand1x1", "expand3x3"},
       {{"norm", norms}, {"act", activations_or_none}},
       true},
      {"residual",
       Beside::kBlocks,
       R"({"residual": [{"conv": 64}]})",
       {},
       {{"post", {"none", "relu"}}}},
      {"concat", Beside::kBranches, R"({"concat": [[{"conv": 32}], [{"conv": 32}]]})"},
      {"repeat", Beside::kNumber, R"({"repeat": 2, "blocks": [{"conv": 64}]})"},
      {"choice", Beside::kParam, R"({"choice": "$stage", "of": {"a": [], "b": [{"conv": 64}]}})"},
  };
  return kinds;
}

const BlockKind* find_kind(std::string_view name) {
  const auto& kinds = block_kinds();
  const auto it =
      std::find_if(kinds.begin(), kinds.end(), [&](const BlockKind& k) { return k.name == name; });
  return it == kinds.end() ? nullptr : &*it;
}

Words kind_names() {
  Words names;
  for (const BlockKind& kind : block_kinds()) names.push_back(kind.name);
  return names;
}

// Decodes blocks; the mistakes of the places hold what went wrong.
class BlockDecoder {
 public:
  Blocks blocks(const Place& list, bool may_be_empty = false) {
    Blocks all;
    if (may_be_empty && list.json().is_array() && list.json().empty()) return all;
    for (const Place& place : list.elements("a list of blocks")) {
      if (!place.mistakes().none()) break;
      all.push_back(block(place));
    }
    return all;
  }

 private:
  Block block(const Place& place) {
    Block block;
    block.where = place.pointer();
    if (place.json().is_string()) {
      bare(place, block);
    } else if (!place.json().is_object()) {
      place.refuse("a block, such as {\"conv\": 64} or \"flatten\"");
    } else if (const BlockKind* kind = kind_of(place)) {
      block.kind = kind->name;
      members(*kind, place, block);
    }
    return block;
  }

  static void unknown(const Place& place, const std::string& name) {
    place.complain(
        "found a block of unknown kind \"" + name + "\", expected " + one_of(kind_names()),
        did_you_mean(name, kind_names()));
  }

  static void bare(const Place& place, Block& block) {
    const std::string name = place.json().get<std::string>();
    const BlockKind* kind = find_kind(name);
    if (kind == nullptr) return unknown(place, name);
    if (kind->beside != Beside::kNothing) {
      return place.refuse("something beside it: " + std::string(kind->example));
    }
    block.kind = name;
  }

  // The kind is the one key that names a kind; "act" is one only where it stands alone.
  static const BlockKind* kind_of(const Place& place) {
    const BlockKind* found = nullptr;
    for (const auto& [key, member] : place.members()) {
      const BlockKind* kind = find_kind(key);
      if (kind == nullptr) continue;
      if (found != nullptr && found->name != "act" && key != "act") {
        place.complain("found both \"" + std::string(found->name) + "\" and \"" + key +
                       "\", expected one kind of block");
        return nullptr;
      }
      if (found == nullptr || found->name == "act") found = kind;
    }
    if (found == nullptr) {
      unknown(place, place.json().empty() ? "" : place.json().items().begin().key());
    } else if (found->beside == Beside::kNothing) {
      place.complain(
          "found \"" + std::string(found->name) + "\" with a value, expected the bare word",
          "write " + std::string(found->example));
      return nullptr;
    }
    return found;
  }

  void members(const BlockKind& kind, const Place& place, Block& block) {
    Words known = {kind.name};
    const auto found = place.find(kind.name);
    assert(found);
    const Place& beside = *found;
    const bool inside = kind.beside == Beside::kObject;
    if (!inside) add_options(kind, known);
    if (kind.name == "residual") known.push_back("shortcut");
    if (kind.name == "repeat") known.push_back("blocks");
    if (kind.name == "choice") known.push_back("of");
    if (!place.is_object_of(known)) return;
    if (inside) {
      Words own;
      add_options(kind, own);
      if (!beside.is_object_of(own)) return;
      for (const std::string_view key : kind.numbers) beside.need(key, "a number or an expression");
    }
    options(kind, inside ? beside : place, block);
    value_beside(kind, beside, block);
    if (kind.name == "residual") shortcut(place, block);
    if (kind.name == "repeat") {
      if (const auto body = place.need("blocks", "a list of blocks")) {
        block.children.push_back(blocks(*body));
      }
    }
    if (kind.name == "choice") alternatives(place, block);
  }

  static void add_options(const BlockKind& kind, Words& known) {
    known.insert(known.end(), kind.numbers.begin(), kind.numbers.end());
    for (const WordOption& option : kind.words) known.push_back(option.key);
    if (kind.bias) known.push_back("bias");
  }

  static void options(const BlockKind& kind, const Place& place, Block& block) {
    for (const std::string_view key : kind.numbers) {
      if (const auto member = place.find(key)) number(*member, key, block);
    }
    for (const WordOption& option : kind.words) {
      const auto member = place.find(option.key);
      const auto word = member ? member->word(option.choices) : std::nullopt;
      if (word) block.words[std::string(option.key)] = *word;
    }
    const auto bias = kind.bias ? place.find("bias") : std::nullopt;
    const auto flag = bias ? bias->flag() : std::nullopt;
    if (flag) block.flags["bias"] = *flag;
  }

  static void number(const Place& place, std::string_view key, Block& block) {
    if (place.json().is_string()) {
      if (auto text = place.text()) block.numbers[std::string(key)] = *std::move(text);
    } else if (!place.json().is_number()) {
      place.refuse("a number or an expression");
    } else if (const auto real = place.real()) {
      block.numbers[std::string(key)] = *real;
    }
  }

  void value_beside(const BlockKind& kind, const Place& beside, Block& block) {
    switch (kind.beside) {
      case Beside::kNumber:
        return number(beside, "value", block);
      case Beside::kBlocks:
        block.children.push_back(blocks(beside));
        return;
      case Beside::kBranches:
        for (const Place& branch : beside.elements("a list of branches, each a list of blocks")) {
          if (!branch.mistakes().none()) return;
          block.children.push_back(blocks(branch));
        }
        return;
      case Beside::kParam: {
        const auto* text = beside.json().get_ptr<const std::string*>();
        if (text == nullptr || text->size() < 2 || text->front() != '$') {
          return beside.refuse("a parameter of the file, such as \"$stage\"");
        }
        block.words["choice"] = text->substr(1);
        return;
      }
      case Beside::kNothing:
      case Beside::kWord:
      case Beside::kObject:
        return;
    }
  }

  void shortcut(const Place& place, Block& block) {
    static constexpr std::array<std::string_view, 3> kWords = {"identity", "identity_if_same",
                                                               "project_if_needed"};
    const auto member = place.find("shortcut");
    if (!member) return;
    if (member->json().is_array()) {
      block.shortcut = blocks(*member);
    } else if (!member->json().is_string()) {
      member->refuse(one_of(kWords) + " or a list of blocks");
    } else if (const auto word = member->word(kWords)) {
      block.words["shortcut"] = *word;
    }
  }

  void alternatives(const Place& place, Block& block) {
    const auto member = place.need("of", "an object of named lists of blocks");
    if (!member) return;
    if (!member->json().is_object() || member->json().empty()) {
      return member->refuse("an object of named lists of blocks");
    }
    for (const auto& [name, list] : member->members()) {
      block.alternatives[name] = blocks(list, true);
    }
  }
};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

void read_input(const Place& root, Architecture& architecture) {
  constexpr std::int64_t kMaxSide = 4096;
  const auto place = root.need("input", "[channels, height, width]");
  if (!place) return;
  const auto sides = place->elements("[channels, height, width]");
  if (sides.size() != 3) return place->refuse("[channels, height, width]");
  const auto side = [&](std::size_t i) { return sides[i].whole(1, kMaxSide).value_or(1); };
  architecture.input = {side(0), side(1), side(2)};
}

void read_params(const Place& root, Architecture& architecture) {
  const auto place = root.find("params");
  if (!place) return;
  if (!place->json().is_object()) return place->refuse("an object");
  for (const auto& [name, member] : place->members()) {
    const bool starts_well = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
    if (!is_name(name) || !starts_well || name.find_first_of("-.") != std::string::npos) {
      return member.complain("found the name " + found_text(name) +
                             ", expected letters, digits and _");
    }
    if (const auto value = member.scalar()) architecture.params[name] = *value;
  }
}

// The content that makes the network: not its name, and the same whatever the order of keys.
std::string canonical_of(Json tree) {
  tree.erase("name");
  return nlohmann::json::parse(dump_json(tree)).dump();
}

Architecture read(const Place& root, std::string_view file_name) {
  static constexpr std::array<std::string_view, 5> kKeys = {"format", "name", "input", "params",
                                                            "blocks"};
  Architecture architecture;
  if (!root.is_object_of(kKeys)) return architecture;
  if (const auto format = root.need("format", "1")) format->whole(1, 1);
  const auto given = root.find("name");
  const auto name = given ? given->text() : std::string(stem_of(file_name));
  if (name && !is_name(*name)) {
    constexpr const char* kExpected = "1 to 64 letters, digits, dots, - and _";
    if (given) {
      given->refuse(kExpected);
    } else {
      root.complain(
          "the file's name makes no architecture's name, expected " + std::string(kExpected),
          "give a \"name\"");
    }
  }
  architecture.name = name.value_or("");
  read_input(root, architecture);
  read_params(root, architecture);
  if (const auto blocks = root.need("blocks", "a list of blocks")) {
    architecture.blocks = BlockDecoder().blocks(*blocks);
  }
  return architecture;
}

}  // namespace

Result<Architecture> decode_architecture(std::string_view text, std::string_view file_name) {
  const auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  Architecture architecture = read(Place(*tree, "", mistakes), file_name);
  if (!mistakes.none()) return mistakes.take(file_name);
  architecture.canonical = canonical_of(*tree);
  architecture.hash = sha256_hex(architecture.canonical);
  return architecture;
}

}  // namespace firesweep
