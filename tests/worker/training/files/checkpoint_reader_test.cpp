// Checkpoint files that somebody else has made: read as what they say or refused with a reason,
// soon and with little memory, and nothing in them runs.
#include "worker/training/files/checkpoint_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/bounded.h"
#include "tests/places.h"
#include "worker/datasets/checksum.h"
#include "worker/training/files/safetensors_reader.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

using Texts = std::map<std::string, std::string>;

const std::string kZeros(kChecksumDigits, '0');

std::span<const std::uint8_t> span_of(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// With the right checksum, as whoever makes such a file can write it.
std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += header + data;
  const auto place = bytes.find(kZeros);
  if (place == std::string::npos) return bytes;
  Hasher hasher(Digest::kSha256);
  hasher.update(span_of(bytes));
  return bytes.replace(place, kChecksumDigits, hasher.finish());
}

Texts good_texts() {
  return {{"config_hash", "abc"},
          {"seed", "3"},
          {"numeric_class", "cpu"},
          {"exact", "true"},
          {"epoch", "2"},
          {"batch", "7"},
          {"sums.loss", "1.5"},
          {"sums.correct", "4"},
          {"sums.images", "9"},
          {"sums.seconds", "0"},
          {"train_seconds", "1"},
          {"step_seconds", "1"},
          {"step_images", "9"},
          {"best_accuracy", "0"},
          {"best_epoch", "2"},
          {"selected_epoch", "2"},
          {"format", "firesweep checkpoint"},
          {"version", "2"}};
}

std::string texts_of(const Texts& texts) {
  std::string json = "\"__metadata__\":{\"sha256\":\"" + kZeros + "\"";
  for (const auto& [name, text] : texts) json += ",\"" + name + "\":\"" + text + "\"";
  return json + "}";
}

// With one more entry, such as "\"w\":{…}".
std::string header_with(const std::string& entry, const Texts& texts = good_texts()) {
  return "{" + texts_of(texts) + (entry.empty() ? "" : "," + entry) + "}";
}

std::string outcome(const std::string& bytes) {
  return testing::bounded([&] {
    const auto content = read_checkpoint_content(span_of(bytes), "x.safetensors");
    return content ? "read " + std::to_string(content->tensors.size()) + " tensors"
                   : to_string(content.error());
  });
}

constexpr const char* kByte = R"("w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";

TEST(CheckpointReader, AGoodFileIsReadWithinTheSameLimits) {
  EXPECT_EQ(outcome(file_of(header_with(kByte), "x")), "read 1 tensors");
  const auto content =
      read_checkpoint_content(span_of(file_of(header_with(kByte), "x")), "x.safetensors");
  ASSERT_TRUE(content);
  EXPECT_EQ(content->fields.epoch, 2);
  EXPECT_EQ(content->tensors[0].name, "w");
  EXPECT_EQ(content->tensors[0].sizes, std::vector<std::int64_t>{1});
}

// What `class Evil: def __reduce__(self): return os.system, ("touch …",)` leaves in a file.
// Python's unpickler, and so torch.load, would run it.
TEST(CheckpointReader, APickleThatWouldRunSomethingIsRefusedAndNothingRuns) {
  const fs::path marker = fs::temp_directory_path() / "firesweep-pickle-ran";
  fs::remove(marker);
  const std::string call = "touch " + marker.string();
  const std::string pickle = std::string("\x80\x02") + "cposix\nsystem\nX" +
                             static_cast<char>(call.size()) + std::string(3, '\0') + call +
                             "\x85R.";
  constexpr const char* kSaid =
      "x.safetensors: was written by torch.save, expected a checkpoint of firesweep (safetensors) "
      "(such a file can hold code and is never read)";
  EXPECT_EQ(outcome(pickle), kSaid);
  const std::string zip =
      std::string("PK\x03\x04") + std::string(26, '\0') + "archive/data.pkl" + pickle;
  EXPECT_EQ(outcome(zip), kSaid);
  EXPECT_FALSE(fs::exists(marker));
}

TEST(CheckpointReader, AFormerFileIsNoPickleAndIsRead) {
  std::ifstream file(source_dir() / "tests/worker/training/saved/checkpoint_version_1.pt",
                     std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(outcome(bytes), "read 4 tensors");
}

TEST(CheckpointReader, SizesThatOverflowAreRefused) {
  constexpr const char* kUnfit =
      "x.safetensors: has a checksum that matches but tensors that do not fit";
  const auto shaped = [](const std::string& shape) {
    return outcome(file_of(
        header_with("\"w\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[0,0]}"),
        ""));
  };
  EXPECT_EQ(shaped("0,5"), "read 1 tensors");
  EXPECT_EQ(shaped("4611686018427387904,4"), kUnfit);
  EXPECT_EQ(shaped("0,4611686018427387904,4611686018427387904"), kUnfit);
  EXPECT_EQ(shaped("18446744073709551615"), kUnfit);
  EXPECT_EQ(
      outcome(file_of(
          header_with(R"("w":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]})"),
          "x")),
      kUnfit);
}

TEST(CheckpointReader, TensorsThatOverlapOrLeaveGapsAreRefused) {
  for (const char* second : {R"("v":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})",
                             R"("v":{"dtype":"U8","shape":[1],"data_offsets":[2,3]})"}) {
    EXPECT_NE(outcome(file_of(header_with(std::string(kByte) + "," + second), "xyz"))
                  .find("tensors that do not fit"),
              std::string::npos);
  }
}

TEST(CheckpointReader, CountsBelowNothingAreRefused) {
  for (const char* name : {"epoch", "batch", "sums.correct", "sums.images", "step_images",
                           "best_epoch", "selected_epoch"}) {
    Texts texts = good_texts();
    texts[name] = "-1";
    EXPECT_NE(outcome(file_of(header_with("", texts), "")).find("counts below 0"),
              std::string::npos)
        << name;
  }
}

TEST(CheckpointReader, AHeaderOfAnotherFormIsRefusedBySayingWhatItHolds) {
  const auto said = [](const std::string& header) { return outcome(file_of(header, "")); };
  const std::string begin = "x.safetensors: is cut off or corrupt: its header ";
  EXPECT_EQ(said("[1]"), begin + "holds a list where none is expected");
  EXPECT_EQ(said(header_with("\"w\":5")), begin + "holds a number where none is expected");
  EXPECT_EQ(said(header_with("\"w\":{\"dtype\":\"F8\"}")),
            begin + "holds the dtype \"F8\" where none is expected");
  EXPECT_EQ(said(header_with("\"w\":{}")),
            begin + "holds a tensor without dtype, shape or data_offsets where none is expected");
  EXPECT_EQ(said(header_with(std::string(kByte) + "," + kByte)),
            begin + "holds the tensor \"w\" twice where none is expected");
  EXPECT_EQ(said("{} more"), begin + "is not JSON at byte 4");
}

// ---- headers that would take for ever ----

TEST(CheckpointReader, ADeepHeaderIsRefusedAtOnce) {
  const std::string deep(8'000'000, '[');
  EXPECT_NE(outcome(file_of("{\"a\":" + deep, "")).find("holds a list"), std::string::npos);
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  EXPECT_NE(outcome(file_of(objects, "")).find("holds an object"), std::string::npos);
}

TEST(CheckpointReader, AHeaderOfVeryManyTensorsIsReadInTimeThatGrowsWithIt) {
  std::string entries;
  for (int i = 0; i < 100'000; ++i) {
    entries += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) +
               R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  EXPECT_EQ(outcome(file_of(header_with(entries), "")), "read 100000 tensors");
}

TEST(CheckpointReader, AHeaderAboveTheBoundIsRefused) {
  const std::string header = header_with("") + std::string(kMostHeaderBytes, ' ');
  EXPECT_NE(outcome(file_of(header, "")).find("expected at most 67108864"), std::string::npos);
}

TEST(CheckpointReader, AHeaderLongerThanTheFileIsRefused) {
  EXPECT_EQ(outcome(std::string(8, '\xff') + "{}"),
            "x.safetensors: is cut off or corrupt: its header would be longer than the file");
}

}  // namespace
}  // namespace firesweep
