#include "coordinator/report/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <system_error>
#include <utility>

namespace firesweep {
namespace {

std::string temporary_folder() {
  const char* const given = std::getenv("TMPDIR");
  return given != nullptr && *given != '\0' ? given : "/tmp";
}

[[noreturn]] void broke() {
  throw std::system_error(
      errno, std::generic_category(),
      temporary_folder() + ": cannot keep a long report (TMPDIR names another folder)");
}

// Gone with its descriptor. Not every file system can make one without a name.
int open_nameless() {
  const std::string folder = temporary_folder();
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  std::string name = folder + "/firesweep-report-XXXXXX";
  descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) broke();
  ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Spool::Spool(Spool&& other) noexcept
    : most_(other.most_),
      held_(std::move(other.held_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Spool::~Spool() { clear(); }

void Spool::clear() {
  held_.clear();
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Spool::add(std::string_view text) {
  held_ += text;
  if (held_.size() > most_) write_out();
}

void Spool::write_out() {
  if (descriptor_ < 0) descriptor_ = open_nameless();
  for (std::string_view left = held_; !left.empty();) {
    const ssize_t wrote = ::write(descriptor_, left.data(), left.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) broke();
    left.remove_prefix(static_cast<std::size_t>(wrote));
  }
  held_.clear();
}

void Spool::copy_to(std::ostream& out) const {
  std::array<char, std::size_t{1} << 16> buffer;
  for (off_t at = 0; descriptor_ >= 0 && out;) {
    const ssize_t got = ::pread(descriptor_, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) broke();
    if (got == 0) break;
    out.write(buffer.data(), got);
    at += got;
  }
  out << held_;
}

std::string Spool::text() const {
  if (descriptor_ < 0) return held_;
  std::ostringstream whole;
  copy_to(whole);
  return std::move(whole).str();
}

}  // namespace firesweep
