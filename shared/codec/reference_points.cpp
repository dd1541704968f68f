#include "shared/codec/reference_points.h"

#include <array>

#include "shared/codec/document.h"
#include "shared/codec/json_node.h"
#include "shared/domain/names.h"

namespace firesweep {
namespace {

constexpr std::int64_t kReferencesFormat = 1;
constexpr std::int64_t kMostParams = 1'000'000'000'000;
constexpr std::size_t kMostSources = 7;  // each has a mark of its own
constexpr std::size_t kMostPoints = 200;
constexpr std::array<std::string_view, 3> kReferencesKeys = {"format", "dataset", "sources"};
constexpr std::array<std::string_view, 2> kSourceKeys = {"source", "points"};
constexpr std::array<std::string_view, 3> kPointKeys = {"name", "params", "accuracy"};

std::string name_at(const JsonNode& node, std::string_view key, std::string_view expected) {
  const auto at = node.need(key, expected);
  const auto name = at ? at->text() : std::nullopt;
  if (!name) return {};
  if (const auto wrong = mistake_in_name(*name)) at->complain(*wrong);
  return *name;
}

ReferencePoint point_of(const JsonNode& node) {
  ReferencePoint point;
  if (!node.is_object_of(kPointKeys)) return point;
  point.name = name_at(node, "name", "the network's name");
  if (const auto at = node.need("params", "the number of its parameters"))
    point.params = at->whole(1, kMostParams).value_or(1);
  if (const auto at = node.need("accuracy", "a fraction, as in 0.7561")) {
    const auto accuracy = at->real();
    if (accuracy && (*accuracy <= 0 || *accuracy > 1))
      at->refuse("a fraction above 0 and at most 1, as in 0.7561 for 75.61 %");
    point.accuracy = accuracy.value_or(0);
  }
  return point;
}

ReferenceSource reference_source(const JsonNode& node) {
  ReferenceSource source;
  if (!node.is_object_of(kSourceKeys)) return source;
  source.source = name_at(node, "source", "who published the points, and how they were trained");
  if (const auto points = node.need("points", "a list of points")) {
    for (const JsonNode& point : points->elements("a list of points", kMostPoints))
      source.points.push_back(point_of(point));
  }
  return source;
}

}  // namespace

Result<ReferencePoints> decode_reference_points(std::string_view text, std::string_view file_name) {
  const auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root(*tree, "", mistakes);
  ReferencePoints references;
  if (root.is_object_of(kReferencesKeys)) {
    if (const auto format = root.need("format", "1"))
      format->whole(kReferencesFormat, kReferencesFormat);
    references.dataset = name_at(root, "dataset", "the dataset's name");
    if (const auto sources = root.need("sources", "a list of sources")) {
      for (const JsonNode& source : sources->elements("a list of sources", kMostSources))
        references.sources.push_back(reference_source(source));
    }
  }
  if (!mistakes.none()) return mistakes.take(file_name, &*tree);
  return references;
}

}  // namespace firesweep
