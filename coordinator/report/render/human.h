// Numbers formatted for people. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "coordinator/report/table.h"

namespace firesweep {

// One cell, formatted by its column's unit; "–" if it is absent.
std::string human(const Cell& cell, Unit unit);

std::string human_fixed(double number, int decimals, const char* suffix = "");
std::string human_percent(double fraction, int decimals = 2);  // "57.80 %"
std::string human_number(double number);                       // "2.76 M", "512"
std::string human_duration(double seconds);                    // "8.3 s", "4:05", "1:02:03"
std::string human_whole(std::int64_t number);                  // "50,000"

}  // namespace firesweep
