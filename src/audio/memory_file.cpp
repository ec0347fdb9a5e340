#include "audio/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace sure {

MemoryFile::MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("sure", MFD_CLOEXEC)) {
  if (descriptor_ < 0) fail("cannot make a file in memory ({})", std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int cause = errno;
      ::close(descriptor_);
      fail("cannot keep {} bytes in memory ({})", bytes.size(), std::strerror(cause));
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

std::filesystem::path MemoryFile::path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_); }

}  // namespace sure
