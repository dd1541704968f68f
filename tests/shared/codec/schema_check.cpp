#include "tests/shared/codec/schema_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "shared/base/utf8.h"
#include "shared/codec/document.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_schema.h"

namespace firesweep::testing {
namespace {

using Plain = nlohmann::json;

// As JSON Schema sees numbers: 64.0 is the whole number 64 (draft 7, §6.3 of its core), which the
// validator does not know.
Plain mathematical(const Json& json) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (json.is_object()) {
    Plain object = Plain::object();
    for (const auto& [key, value] : json.items()) object[key] = mathematical(value);
    return object;
  }
  if (json.is_array()) {
    Plain array = Plain::array();
    for (const Json& value : json) array.push_back(mathematical(value));
    return array;
  }
  if (json.is_number_float()) {
    const auto number = json.get<double>();
    if (!std::isfinite(number)) return nullptr;  // YAML alone has them, and JSON nothing like them
    if (number == std::floor(number) && std::abs(number) <= kExact) {
      return static_cast<std::int64_t>(number);
    }
    return number;
  }
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return json.get<double>();
  }
  return Plain::parse(json.dump());
}

const valijson::Schema& schema() {
  static const auto parsed = [] {
    const Plain text = Plain::parse(sweep_schema());
    auto made = std::make_unique<valijson::Schema>();
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), *made);
    return made;
  }();
  return *parsed;
}

// Parts of the messages of mistakes that the schema cannot tell, by what is too much for it.
constexpr std::string_view kOnlyTheDecoder[] = {
    // one number against another
    "expected a number above min, ",
    "expected a whole number above min, ",
    // a step against a range, and an area under a curve
    "expected a step with at least two multiples in the range",
    "expected at least 25 %: it is cut off there",
    // a grammar, and what it names elsewhere in the file
    "expected a comparison such as \"params <= 8_000_000\": ",
    "expected a parameter of this sweep: ",
    // a sum, and the length of another list
    "the probabilities add up to",
    ", one for each value",
    // what the command line does with the text before
    "found an \"include\" that nobody has read",
    ", expected no variable",
    // values elsewhere in the file
    "expected a value of this sweep: ",
    "expected a parameter of this sweep",
    "is drawn from a range, of which no value can be excluded",
    // amounts inside texts
    "/checkpoint/every: found \"",
    "/checkpoint/max_bytes: found \"",
    "/max_trial_duration: found \"",
    // characters outside ASCII, and the file's name
    " printable characters",
    // lists of several parameters beside each other
    "expected lists as long",
    "is in \"zip\" already",
    "expected each row of values once",
    "exist on different conditions",
    "whose conditions lead back to themselves",
    // rules between members
    "found a sample_size of ",
    ": no trial would be stopped",
    "found two protocols",
    "protocol held_out never ranks by test accuracy",
    "has no validation split",
    "protocol held_out ranks by it",
    "protocol refit has no validation images",
    "expected fractions below 1",
    " training images of ",
    "the test images of ",
    "the training images: the last, smaller batch is dropped",
    "found a setting of the simulated trainer",
    "protocol refit measures no accuracy while it trains",
    "protocol refit measures points that were chosen",
};

// Which lists are zipped, so that they may have a value twice, the schema does not tell.
constexpr std::string_view kRepeated = " again, expected each value once";

bool only_the_decoder_sees(std::string_view mistake, bool with_zip) {
  if (with_zip && mistake.find(kRepeated) != std::string_view::npos) return true;
  return std::ranges::any_of(kOnlyTheDecoder, [&](std::string_view part) {
    return mistake.find(part) != std::string_view::npos;
  });
}

// The first mistake of an error that the schema could tell; empty where there is none.
std::string tellable(const Error& error, bool with_zip) {
  constexpr std::string_view kNext = "\n  ";  // before each mistake of several
  std::string text = to_string(error);
  if (const auto heading = text.find(" mistakes\n"); heading != std::string::npos) {
    text.erase(0, text.find(kNext) + kNext.size());
  }
  while (!text.empty()) {
    const auto end = std::min(text.find(kNext), text.size());
    const std::string mistake = text.substr(0, end);
    if (!only_the_decoder_sees(mistake, with_zip)) return mistake;
    text.erase(0, std::min(end + kNext.size(), text.size()));
  }
  return {};
}

}  // namespace

std::string schema_mistake(const Json& document) {
  const Plain plain = mathematical(document);
  valijson::ValidationResults results;
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter target(plain);
  if (validator.validate(schema(), target, &results)) return {};
  std::string all;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& part : error.context) all += part;
    all += ": " + error.description + "\n";
  }
  return all.empty() ? "invalid" : all;
}

std::string disagreement(std::string_view text, std::string_view file_name) {
  const auto document = parse_document(text, file_name);
  if (!document) return {};  // no document that could be valid
  const std::string refused = schema_mistake(*document);
  const auto spec = decode_sweep(text, file_name);
  if (spec && !refused.empty()) return "accepted, and invalid by the schema:\n" + refused;
  if (spec || !refused.empty()) return {};
  const std::string mistake = tellable(spec.error(), document->contains("zip"));
  return mistake.empty() ? "" : "valid by the schema, and refused: " + mistake;
}

void expect_agreement(std::string_view text, std::string_view file_name) {
  EXPECT_EQ(disagreement(text, file_name), "") << printable(std::string(text));
}

}  // namespace firesweep::testing
