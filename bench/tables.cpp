#include "bench/tables.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace firesweep {
namespace {

std::string unpacked(const std::filesystem::path& file) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                      &archive_read_free);
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_filename(reader.get(), file.c_str(), 1 << 16) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    throw std::runtime_error(file.string() + ": cannot be read");
  }
  std::string text;
  std::array<char, 1 << 16> part{};
  for (;;) {
    const auto size = archive_read_data(reader.get(), part.data(), part.size());
    if (size < 0) throw std::runtime_error(file.string() + ": is damaged");
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

Rows rows_of(const std::filesystem::path& file) {
  Rows rows;
  std::istringstream lines(unpacked(file));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::string::size_type begin = 0;
    for (;;) {
      const auto end = line.find(',', begin);
      cells.push_back(line.substr(begin, end - begin));
      if (end == std::string::npos) break;
      begin = end + 1;
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace firesweep
