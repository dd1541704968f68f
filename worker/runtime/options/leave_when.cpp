#include "worker/runtime/options/leave_when.h"

#include <time.h>

#include <regex>

#include "shared/base/duration.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

tl::unexpected<Error> not_a_time(const std::string& text, const std::string& why) {
  return fail(
      ErrorCode::kBadInput, "--until", "found \"" + text + "\", expected " + why,
      "as in 18:00, 2026-11-27T18:00 (local time), 1795800000 (seconds since 1970) or 3h50m (from "
      "now)");
}

int number(const std::ssub_match& digits) { return digits.matched ? std::stoi(digits.str()) : 0; }

// None for a day or an hour that the calendar does not have.
std::optional<time_t> local_time(std::tm wanted) {
  std::tm normal = wanted;
  normal.tm_isdst = -1;
  const time_t time = ::mktime(&normal);
  const bool kept = normal.tm_mon == wanted.tm_mon && normal.tm_mday == wanted.tm_mday &&
                    normal.tm_min == wanted.tm_min && normal.tm_sec == wanted.tm_sec;
  if (time == -1 || !kept) return std::nullopt;
  return time;
}

// A number alone could be a time as well.
std::optional<milliseconds> length_of(const std::string& text) {
  if (text.find_first_of("dhms") == std::string::npos) return std::nullopt;
  const auto length = parse_duration(text);
  return length && length->count() > 0 ? length : std::nullopt;
}

}  // namespace

Result<milliseconds> parse_until(const std::string& text, milliseconds now) {
  static const std::regex epoch(R"(\d{9,12})");
  static const std::regex clock(R"((\d{1,2}):(\d{2})(?::(\d{2}))?)");
  static const std::regex date(R"((\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?)");
  const time_t begin = std::chrono::duration_cast<seconds>(now).count();
  std::smatch parts;
  std::optional<time_t> time;
  if (std::regex_match(text, epoch)) {
    time = std::stoll(text);
  } else if (std::regex_match(text, parts, clock)) {
    std::tm wanted{};
    ::localtime_r(&begin, &wanted);
    wanted.tm_hour = number(parts[1]), wanted.tm_min = number(parts[2]);
    wanted.tm_sec = number(parts[3]);
    if (wanted.tm_hour > 23 || wanted.tm_min > 59 || wanted.tm_sec > 59)
      return not_a_time(text, "a time of the day, 00:00 to 23:59");
    std::tm today = wanted;
    today.tm_isdst = -1;
    time = ::mktime(&today);
    if (*time <= begin) {
      ++wanted.tm_mday;
      wanted.tm_isdst = -1;
      time = ::mktime(&wanted);
    }
  } else if (std::regex_match(text, parts, date)) {
    std::tm wanted{};
    wanted.tm_year = number(parts[1]) - 1900, wanted.tm_mon = number(parts[2]) - 1;
    wanted.tm_mday = number(parts[3]), wanted.tm_hour = number(parts[4]);
    wanted.tm_min = number(parts[5]), wanted.tm_sec = number(parts[6]);
    if (wanted.tm_hour > 23) return not_a_time(text, "a time that the calendar has");
    time = local_time(wanted);
    if (!time) return not_a_time(text, "a time that the calendar has");
  } else if (const auto length = length_of(text)) {
    return now + *length;
  } else {
    return not_a_time(text, "a time or a duration");
  }
  if (*time <= begin) return not_a_time(text, "a time to come");
  return milliseconds(seconds(*time));
}

}  // namespace firesweep
