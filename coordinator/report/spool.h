// Text of any length on its way out: kept in memory up to a bound, beyond it in a file without a
// name. A report is whole before anything of it is shown.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace firesweep {

// Single-threaded; moves. Members throw std::system_error naming the folder for temporary files
// (TMPDIR, else /tmp) where it has no room.
class Spool {
 public:
  // `most` bytes are kept in memory.
  explicit Spool(std::size_t most = std::size_t{4} << 20) : most_(most) {}
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  void add(std::string_view text);
  // As if nothing had been added.
  void clear();
  // Everything, in the order it was added; a stream that fails keeps the state that says so.
  void copy_to(std::ostream& out) const;
  std::string text() const;

 private:
  void write_out();

  std::size_t most_;
  std::string held_;     // behind what lies in the file
  int descriptor_ = -1;  // of the file, once there is one
};

}  // namespace firesweep
