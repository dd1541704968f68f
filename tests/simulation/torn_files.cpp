#include "tests/simulation/torn_files.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include "tests/simulation/bugs.h"

namespace firesweep::simulation {
namespace {

constexpr std::int64_t kSector = 512;

thread_local std::vector<TornFiles*> files_of_thread;
sqlite3_vfs* system_vfs = nullptr;

// What SQLite holds of an open file.
struct Handle {
  sqlite3_file base;
  TornFiles* files;
  TornFiles::File* file;
};
TornFiles::File& file_of(sqlite3_file* handle) { return *reinterpret_cast<Handle*>(handle)->file; }
TornFiles& files_of(sqlite3_file* handle) { return *reinterpret_cast<Handle*>(handle)->files; }

void carry_out(std::string& bytes, const TornFiles::Change& change) {
  if (change.cut_to >= 0) {
    bytes.resize(static_cast<std::size_t>(change.cut_to));
    return;
  }
  const auto offset = static_cast<std::size_t>(change.offset);
  if (bytes.size() < offset + change.bytes.size()) bytes.resize(offset + change.bytes.size());
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

// ---- a file's methods

int close_file(sqlite3_file*) { return SQLITE_OK; }

int read_file(sqlite3_file* handle, void* into, int count, sqlite3_int64 offset) {
  const std::string& bytes = file_of(handle).now;
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  const auto there = static_cast<int>(std::clamp<sqlite3_int64>(size - offset, 0, count));
  if (there > 0) std::memcpy(into, bytes.data() + offset, static_cast<std::size_t>(there));
  if (there == count) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(count - there));
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* handle, const void* from, int count, sqlite3_int64 offset) {
  if (!files_of(handle).passes()) return SQLITE_FULL;
  files_of(handle).write(
      file_of(handle), offset,
      std::string(static_cast<const char*>(from), static_cast<std::size_t>(count)));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
  if (!files_of(handle).passes()) return SQLITE_IOERR_TRUNCATE;
  files_of(handle).cut(file_of(handle), size);
  return SQLITE_OK;
}

int sync_file(sqlite3_file* handle, int) {
  if (!files_of(handle).passes()) return SQLITE_IOERR_FSYNC;
  if (!planted(Bug::kDiskLiesAboutSync)) files_of(handle).synchronise(file_of(handle));
  return SQLITE_OK;
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(handle).now.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
int characteristics(sqlite3_file*) { return 0; }

int map_shared(sqlite3_file* handle, int region, int size, int extend, void volatile** at) {
  auto& shared = file_of(handle).shared;
  while (shared.size() <= static_cast<std::size_t>(region)) {
    if (extend == 0) {
      *at = nullptr;
      return SQLITE_OK;
    }
    shared.emplace_back(static_cast<std::size_t>(size));
  }
  *at = shared[static_cast<std::size_t>(region)].data();
  return SQLITE_OK;
}
int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void barrier(sqlite3_file*) {}
int unmap_shared(sqlite3_file* handle, int remove) {
  if (remove != 0) file_of(handle).shared.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,           close_file, read_file,    write_file,   truncate_file, sync_file,       file_size,
    lock_file,   lock_file,  check_lock,   control_file, sector_size,   characteristics, map_shared,
    lock_shared, barrier,    unmap_shared, nullptr,      nullptr};

// ---- the file system's methods

// Whose file it is; null: the system's.
TornFiles* owner_of(const char* name) {
  if (name == nullptr) return nullptr;
  for (TornFiles* files : files_of_thread) {
    if (std::string_view(name).starts_with(files->folder())) return files;
  }
  return nullptr;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
  TornFiles* const files = owner_of(name);
  if (files == nullptr) return system_vfs->xOpen(system_vfs, name, handle, flags, out_flags);
  TornFiles::File* file = files->find(name);
  if (file == nullptr) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    file = &files->make(name);
  }
  auto* ours_handle = new (handle) Handle{};
  ours_handle->base.pMethods = &kMethods;
  ours_handle->files = files;
  ours_handle->file = file;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  TornFiles* const files = owner_of(name);
  if (files == nullptr) return system_vfs->xDelete(system_vfs, name, sync_folder);
  if (!files->passes()) return SQLITE_IOERR_DELETE;
  if (files->find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  files->remove(name);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs*, const char* name, int flags, int* there) {
  TornFiles* const files = owner_of(name);
  if (files == nullptr) return system_vfs->xAccess(system_vfs, name, flags, there);
  *there = files->find(name) != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* full) {
  if (owner_of(name) == nullptr) return system_vfs->xFullPathname(system_vfs, name, size, full);
  sqlite3_snprintf(size, full, "%s", name);
  return SQLITE_OK;
}

void register_vfs() {
  static const bool registered = [] {
    system_vfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *system_vfs;
    vfs.pNext = nullptr;
    vfs.zName = "firesweep-torn";
    vfs.szOsFile = std::max<int>(vfs.szOsFile, sizeof(Handle));
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_name;
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
  }();
  if (!registered) throw std::runtime_error("sqlite3_vfs_register");
}

}  // namespace

TornFiles::TornFiles() {
  register_vfs();
  folder_ = (std::filesystem::temp_directory_path() / "firesweep-torn-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp " + folder_);
  files_of_thread.push_back(this);
}

TornFiles::~TornFiles() {
  std::erase(files_of_thread, this);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TornFiles::Image TornFiles::image() const {
  Image image;
  for (const auto& [name, file] : files_) image[name] = file.now;
  return image;
}

void TornFiles::restore(const Image& image) {
  files_.clear();
  for (const auto& [name, bytes] : image) files_[name] = {bytes, bytes, {}, {}};
  settle();
}

TornFiles::File* TornFiles::find(const std::string& name) {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

bool TornFiles::settle() {
  fail_in_ = 0;
  die_in_ = 0;
  return std::exchange(failed_, false);
}

bool TornFiles::passes() {
  const bool dies = dead_ || (die_in_ > 0 && --die_in_ == 0);
  const bool fails = fail_in_ > 0 && --fail_in_ == 0;
  if (dies) dead_ = true;
  failed_ = failed_ || dies || fails;
  return !dies && !fails;
}

void TornFiles::write(File& file, std::int64_t offset, std::string bytes) {
  file.changes.push_back({offset, std::move(bytes), -1});
  carry_out(file.now, file.changes.back());
}

void TornFiles::cut(File& file, std::int64_t size) {
  file.changes.push_back({0, {}, size});
  carry_out(file.now, file.changes.back());
}

void TornFiles::synchronise(File& file) {
  for (const Change& change : file.changes) carry_out(file.durable, change);
  file.changes.clear();
}

void TornFiles::forget_shared() {
  for (auto& [name, file] : files_) file.shared.clear();
}

void TornFiles::lose_power(Random& random) {
  for (auto& [name, file] : files_) {
    for (const Change& change : file.changes) {
      if (random.chance(0.4)) continue;
      if (change.cut_to >= 0 || random.chance(0.5)) {
        carry_out(file.durable, change);
        continue;
      }
      const auto size = static_cast<std::int64_t>(change.bytes.size());
      for (std::int64_t at = 0; at < size; at += kSector) {
        if (random.chance(0.5)) continue;
        carry_out(file.durable, {change.offset + at,
                                 change.bytes.substr(static_cast<std::size_t>(at),
                                                     static_cast<std::size_t>(kSector)),
                                 -1});
      }
    }
    file.changes.clear();
    file.now = file.durable;
  }
}

}  // namespace firesweep::simulation
