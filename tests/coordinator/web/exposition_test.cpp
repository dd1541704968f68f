#include "coordinator/web/exposition.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace firesweep {
namespace {

std::string gauge(const Samples& samples, std::string_view help = "Help.") {
  Exposition text;
  text.add("a_b", MetricKind::kGauge, help, samples);
  return text.take();
}

// The sample's line alone.
std::string line_of(const Labels& labels, double value) {
  Samples samples;
  samples.add(labels, value);
  const std::string text = gauge(samples);
  return text.substr(text.find("\na_b", text.find("# TYPE")) + 1);
}

TEST(Exposition, AFamilyHasHelpAndTypeBeforeItsSamples) {
  Samples samples;
  samples.add(3);
  EXPECT_EQ(gauge(samples), "# HELP a_b Help.\n# TYPE a_b gauge\na_b 3\n");
}

TEST(Exposition, LabelValuesAreEscaped) {
  EXPECT_EQ(line_of({{"w", R"(h\0 "x")"}, {"d", "two\nlines"}}, 1),
            "a_b{w=\"h\\\\0 \\\"x\\\"\",d=\"two\\nlines\"} 1\n");
}

TEST(Exposition, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(line_of({{"w", "h\xff"}}, 1), "a_b{w=\"h\uFFFD\"} 1\n");
}

TEST(Exposition, HelpKeepsItsQuotes) {
  EXPECT_EQ(gauge({}, "a \"b\" \\ c\nd"), "# HELP a_b a \"b\" \\\\ c\\nd\n# TYPE a_b gauge\n");
}

TEST(Exposition, NumbersAreShortestAndNamedWhereTheyAreNone) {
  EXPECT_EQ(line_of({}, 0.1), "a_b 0.1\n");
  EXPECT_EQ(line_of({}, 12345678), "a_b 12345678\n");
  EXPECT_EQ(line_of({}, std::nan("")), "a_b NaN\n");
  EXPECT_EQ(line_of({}, std::numeric_limits<double>::infinity()), "a_b +Inf\n");
  EXPECT_EQ(line_of({}, -std::numeric_limits<double>::infinity()), "a_b -Inf\n");
}

TEST(Exposition, ASeriesOccursOnce) {
  Samples samples;
  samples.add({{"w", "h/0"}}, 2);
  samples.add({{"w", "h/1"}}, 5);
  samples.add({{"w", "h/0"}}, 3);
  EXPECT_EQ(gauge(samples),
            "# HELP a_b Help.\n# TYPE a_b gauge\na_b{w=\"h/0\"} 5\na_b{w=\"h/1\"} 5\n");
}

TEST(Exposition, BucketsOfAHistogramAreCumulative) {
  Samples samples;
  samples.add_histogram(std::array{0.1, 1.0}, std::array<std::int64_t, 3>{2, 3, 4}, 7.5);
  Exposition text;
  text.add("t", MetricKind::kHistogram, "Time.", samples);
  EXPECT_EQ(text.take(),
            "# HELP t Time.\n# TYPE t histogram\n"
            "t_bucket{le=\"0.1\"} 2\nt_bucket{le=\"1\"} 5\nt_bucket{le=\"+Inf\"} 9\n"
            "t_sum 7.5\nt_count 9\n");
}

}  // namespace
}  // namespace firesweep
