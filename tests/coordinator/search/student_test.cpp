#include "coordinator/search/student.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

// Tables of Student's t (Abramowitz and Stegun, table 26.10; Fisher and Yates).
TEST(Student, BoundsAreThoseOfTheTables) {
  EXPECT_NEAR(student_bound(0.025, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_bound(0.025, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_bound(0.0005, 5), 6.869, 5e-4);
  EXPECT_NEAR(student_bound(0.025, 10), 2.228, 5e-4);
  EXPECT_NEAR(student_bound(0.005, 30), 2.750, 5e-4);
  EXPECT_NEAR(student_bound(0.05, 120), 1.658, 5e-4);
  EXPECT_NEAR(student_bound(0.025, 1e9), 1.960, 5e-4);
}

TEST(Student, ChanceAndBoundAreInverse) {
  for (const double freedom : {1.0, 3.0, 40.0}) {
    for (const double chance : {0.5, 0.05, 1e-4, 1e-9}) {
      EXPECT_NEAR(student_above(student_bound(chance, freedom), freedom), chance, 1e-6 * chance);
    }
    EXPECT_NEAR(student_above(-2, freedom), 1 - student_above(2, freedom), 1e-12);
  }
}

}  // namespace
}  // namespace firesweep
