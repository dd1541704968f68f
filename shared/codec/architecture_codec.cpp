#include "shared/codec/architecture_codec.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>

#include "shared/base/near_miss.h"
#include "shared/codec/document.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/codec/sha256.h"

namespace firesweep {
namespace {

using Words = std::vector<std::string_view>;

// What stands beside a block's kind: {"conv": 64}, {"act": "relu"}, {"fire": {…}}, {"residual":
// […]}, …
enum class ValueForm { kNothing, kNumber, kWord, kObject, kBlocks, kBranches, kParam };

struct WordOption {
  std::string_view key;
  Words choices;
};

// A kind of block and the options it takes.
struct BlockKind {
  std::string_view name;
  ValueForm beside;
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
       ValueForm::kNumber,
       R"({"conv": 64})",
       {"kernel", "stride", "padding", "groups"},
       {},
       true},
      {"bn", ValueForm::kNothing, R"("bn")"},
      {"act", ValueForm::kWord, R"({"act": "relu"})", {}, {{"act", activations}}},
      {"max_pool", ValueForm::kNumber, R"({"max_pool": 2})", {"stride", "padding"}},
      {"avg_pool", ValueForm::kNumber, R"({"avg_pool": 2})", {"stride", "padding"}},
      {"global_avg_pool", ValueForm::kNothing, R"("global_avg_pool")"},
      {"flatten", ValueForm::kNothing, R"("flatten")"},
      {"dropout", ValueForm::kNumber, R"({"dropout": 0.3})"},
      {"linear", ValueForm::kNumber, R"({"linear": "classes"})"},
      {"conv_bn_relu",
       ValueForm::kNumber,
       R"({"conv_bn_relu": 64})",
       {"kernel", "stride", "padding", "groups"},
       {{"norm", norms}, {"act", activations_or_none}},
       true},
      {"fire",
       ValueForm::kObject,
       R"({"fire": {"squeeze": 8, "expand1x1": 32, "expand3x3": 32}})",
       {"squeeze", "expand1x1", "expand3x3"},
       {{"norm", norms}, {"act", activations_or_none}},
       true},
      {"residual",
       ValueForm::kBlocks,
       R"({"residual": [{"conv": 64}]})",
       {},
       {{"post", {"none", "relu"}}}},
      {"concat", ValueForm::kBranches, R"({"concat": [[{"conv": 32}], [{"conv": 32}]]})"},
      {"repeat", ValueForm::kNumber, R"({"repeat": 2, "blocks": [{"conv": 64}]})"},
      {"choice", ValueForm::kParam,
       R"({"choice": "$stage", "of": {"a": [], "b": [{"conv": 64}]}})"},
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
  Blocks blocks(const JsonNode& list, bool may_be_empty = false) {
    Blocks all;
    if (may_be_empty && list.json().is_array() && list.json().empty()) return all;
    for (const JsonNode& node : list.elements("a list of blocks")) {
      if (!node.mistakes().none()) break;
      all.push_back(block(node));
    }
    return all;
  }

 private:
  Block block(const JsonNode& node) {
    Block block;
    block.where = node.pointer();
    if (node.json().is_string()) {
      bare(node, block);
    } else if (!node.json().is_object()) {
      node.refuse("a block, such as {\"conv\": 64} or \"flatten\"");
    } else if (const BlockKind* kind = kind_of(node)) {
      block.kind = kind->name;
      members(*kind, node, block);
    }
    return block;
  }

  static void unknown(const JsonNode& node, const std::string& name) {
    node.complain(
        "found a block of unknown kind \"" + name + "\", expected " + one_of(kind_names()),
        did_you_mean(name, kind_names()));
  }

  static void bare(const JsonNode& node, Block& block) {
    const std::string name = node.json().get<std::string>();
    const BlockKind* kind = find_kind(name);
    if (kind == nullptr) return unknown(node, name);
    if (kind->beside != ValueForm::kNothing) {
      return node.refuse("something beside it: " + std::string(kind->example));
    }
    block.kind = name;
  }

  // The kind is the one key that names a kind; "act" is one only where it stands alone.
  static const BlockKind* kind_of(const JsonNode& node) {
    const BlockKind* found = nullptr;
    for (const auto& [key, member] : node.members()) {
      const BlockKind* kind = find_kind(key);
      if (kind == nullptr) continue;
      if (found != nullptr && found->name != "act" && key != "act") {
        node.complain("found both \"" + std::string(found->name) + "\" and \"" + key +
                      "\", expected one kind of block");
        return nullptr;
      }
      if (found == nullptr || found->name == "act") found = kind;
    }
    if (found == nullptr) {
      unknown(node, node.json().empty() ? "" : node.json().items().begin().key());
    } else if (found->beside == ValueForm::kNothing) {
      node.complain(
          "found \"" + std::string(found->name) + "\" with a value, expected the bare word",
          "write " + std::string(found->example));
      return nullptr;
    }
    return found;
  }

  void members(const BlockKind& kind, const JsonNode& node, Block& block) {
    Words known = {kind.name};
    const auto found = node.find(kind.name);
    assert(found);
    const JsonNode& beside = *found;
    const bool inside = kind.beside == ValueForm::kObject;
    if (!inside) add_options(kind, known);
    if (kind.name == "residual") known.push_back("shortcut");
    if (kind.name == "repeat") known.push_back("blocks");
    if (kind.name == "choice") known.push_back("of");
    if (!node.is_object_of(known)) return;
    if (inside) {
      Words own;
      add_options(kind, own);
      if (!beside.is_object_of(own)) return;
      for (const std::string_view key : kind.numbers) beside.need(key, "a number or an expression");
    }
    options(kind, inside ? beside : node, block);
    value_beside(kind, beside, block);
    if (kind.name == "residual") shortcut(node, block);
    if (kind.name == "repeat") {
      if (const auto body = node.need("blocks", "a list of blocks")) {
        block.children.push_back(blocks(*body));
      }
    }
    if (kind.name == "choice") alternatives(node, block);
  }

  static void add_options(const BlockKind& kind, Words& known) {
    known.insert(known.end(), kind.numbers.begin(), kind.numbers.end());
    for (const WordOption& option : kind.words) known.push_back(option.key);
    if (kind.bias) known.push_back("bias");
  }

  static void options(const BlockKind& kind, const JsonNode& node, Block& block) {
    for (const std::string_view key : kind.numbers) {
      if (const auto member = node.find(key)) number(*member, key, block);
    }
    for (const WordOption& option : kind.words) {
      const auto member = node.find(option.key);
      const auto word = member ? member->word(option.choices) : std::nullopt;
      if (word) block.words[std::string(option.key)] = *word;
    }
    const auto bias = kind.bias ? node.find("bias") : std::nullopt;
    const auto flag = bias ? bias->flag() : std::nullopt;
    if (flag) block.flags["bias"] = *flag;
  }

  static void number(const JsonNode& node, std::string_view key, Block& block) {
    if (node.json().is_string()) {
      if (auto text = node.text()) block.numbers[std::string(key)] = *std::move(text);
    } else if (!node.json().is_number()) {
      node.refuse("a number or an expression");
    } else if (const auto real = node.real()) {
      block.numbers[std::string(key)] = *real;
    }
  }

  void value_beside(const BlockKind& kind, const JsonNode& beside, Block& block) {
    switch (kind.beside) {
      case ValueForm::kNumber:
        return number(beside, "value", block);
      case ValueForm::kBlocks:
        block.children.push_back(blocks(beside));
        return;
      case ValueForm::kBranches:
        for (const JsonNode& branch :
             beside.elements("a list of branches, each a list of blocks")) {
          if (!branch.mistakes().none()) return;
          block.children.push_back(blocks(branch));
        }
        return;
      case ValueForm::kParam: {
        const auto* text = beside.json().get_ptr<const std::string*>();
        if (text == nullptr || text->size() < 2 || text->front() != '$') {
          return beside.refuse("a parameter of the file, such as \"$stage\"");
        }
        block.words["choice"] = text->substr(1);
        return;
      }
      case ValueForm::kNothing:
      case ValueForm::kWord:
      case ValueForm::kObject:
        return;
    }
  }

  void shortcut(const JsonNode& node, Block& block) {
    static constexpr std::array<std::string_view, 3> kWords = {"identity", "identity_if_same",
                                                               "project_if_needed"};
    const auto member = node.find("shortcut");
    if (!member) return;
    if (member->json().is_array()) {
      block.shortcut = blocks(*member);
    } else if (!member->json().is_string()) {
      member->refuse(one_of(kWords) + " or a list of blocks");
    } else if (const auto word = member->word(kWords)) {
      block.words["shortcut"] = *word;
    }
  }

  void alternatives(const JsonNode& node, Block& block) {
    const auto member = node.need("of", "an object of named lists of blocks");
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

void read_input(const JsonNode& root, Architecture& architecture) {
  constexpr std::int64_t kMaxSide = 4096;
  const auto node = root.need("input", "[channels, height, width]");
  if (!node) return;
  const auto sides = node->elements("[channels, height, width]");
  if (sides.size() != 3) return node->refuse("[channels, height, width]");
  const auto side = [&](std::size_t i) { return sides[i].whole(1, kMaxSide).value_or(1); };
  architecture.input = {side(0), side(1), side(2)};
}

void read_params(const JsonNode& root, Architecture& architecture) {
  const auto node = root.find("params");
  if (!node) return;
  if (!node->json().is_object()) return node->refuse("an object");
  for (const auto& [name, member] : node->members()) {
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

Architecture read(const JsonNode& root, std::string_view file_name) {
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
  Architecture architecture = read(JsonNode(*tree, "", mistakes), file_name);
  if (!mistakes.none()) return mistakes.take(file_name);
  architecture.canonical = canonical_of(*tree);
  architecture.hash = sha256_hex(architecture.canonical);
  return architecture;
}

}  // namespace firesweep
