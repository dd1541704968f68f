#include "tests/architecture/elf_file.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace firesweep::testing {
namespace {

class ElfFile {
 public:
  explicit ElfFile(const std::filesystem::path& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    bytes_ = std::move(content).str();
    header_ = at<Elf64_Ehdr>(0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0 ||
        header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      wrong("is no 64-bit little-endian ELF file");
    }
  }

  ElfProtections protections() const {
    ElfProtections found;
    for (std::size_t i = 0; i < header_.e_phnum; ++i) {
      segment(at<Elf64_Phdr>(header_.e_phoff + i * header_.e_phentsize), found);
    }
    for (std::size_t i = 0; i < header_.e_shnum; ++i) {
      const auto section = at<Elf64_Shdr>(header_.e_shoff + i * header_.e_shentsize);
      if (section.sh_type == SHT_DYNSYM) read_imports(section, found);
    }
    return found;
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const {
    throw std::runtime_error(path_.string() + ": " + what);
  }

  template <class T>
  T at(std::size_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) wrong("is cut off");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  void segment(const Elf64_Phdr& one, ElfProtections& found) const {
    const bool executable = (one.p_flags & PF_X) != 0, writable = (one.p_flags & PF_W) != 0;
    if (one.p_type == PT_GNU_STACK) found.executable_stack = executable;
    if (one.p_type == PT_GNU_RELRO) found.relro = true;
    if (one.p_type == PT_LOAD && executable && writable) found.writable_code = true;
    if (one.p_type != PT_DYNAMIC) return;
    for (std::size_t done = 0; done < one.p_filesz; done += sizeof(Elf64_Dyn)) {
      const auto entry = at<Elf64_Dyn>(one.p_offset + done);
      const auto value = entry.d_un.d_val;
      if (entry.d_tag == DT_TEXTREL) found.text_relocations = true;
      if (entry.d_tag == DT_BIND_NOW) found.bound_at_start = true;
      if (entry.d_tag == DT_FLAGS) {
        if ((value & DF_TEXTREL) != 0) found.text_relocations = true;
        if ((value & DF_BIND_NOW) != 0) found.bound_at_start = true;
      }
      if (entry.d_tag != DT_FLAGS_1) continue;
      if ((value & DF_1_NOW) != 0) found.bound_at_start = true;
      if ((value & DF_1_PIE) != 0) found.position_independent = header_.e_type == ET_DYN;
    }
  }

  void read_imports(const Elf64_Shdr& symbols, ElfProtections& found) const {
    const auto names = at<Elf64_Shdr>(header_.e_shoff + symbols.sh_link * header_.e_shentsize);
    for (std::size_t done = 0; done < symbols.sh_size; done += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(symbols.sh_offset + done);
      if (symbol.st_shndx != SHN_UNDEF) continue;
      std::string name;
      for (auto place = names.sh_offset + symbol.st_name; at<char>(place) != '\0'; ++place) {
        name += at<char>(place);
      }
      found.imports.insert(std::move(name));
    }
  }

  std::filesystem::path path_;
  std::string bytes_;
  Elf64_Ehdr header_{};
};

}  // namespace

ElfProtections protections_of(const std::filesystem::path& program) {
  return ElfFile(program).protections();
}

}  // namespace firesweep::testing
