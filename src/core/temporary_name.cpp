#include "core/temporary_name.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <regex>

#include "core/descriptor.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kUnfinished = ".tmp";
constexpr std::string_view kWhole = ".new";

const std::regex& pattern() {
  static const std::regex names(R"((.+)\.(\d{1,10})-[0-9a-f]{16}\.(tmp|new))");
  return names;
}

/// core/rng.h can be foretold, which is what it is for.
uint64_t random_bits() {
  uint64_t bits = 0;
  if (::getrandom(&bits, sizeof(bits), 0) == sizeof(bits)) return bits;
  fail("cannot draw a random file name ({})", std::strerror(errno));
}

}  // namespace

std::optional<TemporaryName> parse_temporary_name(std::string_view name) {
  std::cmatch found;
  if (!std::regex_match(name.data(), name.data() + name.size(), found, pattern())) return std::nullopt;
  return TemporaryName{found[1], name.ends_with(kWhole)};
}

fs::path temporary_name(const fs::path& path) {
  const std::string ending = fmt::format(".{}-{:016x}{}", ::getpid(), random_bits(), kUnfinished);
  const std::string name = path.filename().string().substr(0, NAME_MAX - ending.size());
  return path.parent_path() / (name + ending);
}

fs::path whole_name(const fs::path& temporary) { return fs::path(temporary).replace_extension(kWhole); }

void claim(int descriptor) { ::flock(descriptor, LOCK_EX | LOCK_NB); }

bool is_abandoned(const fs::path& temporary) {
  const Descriptor descriptor(::open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (descriptor && ::flock(descriptor.value(), LOCK_EX | LOCK_NB) == 0) return true;
  if (descriptor && errno == EWOULDBLOCK) return false;
  std::smatch found;
  const std::string name = temporary.filename().string();
  if (!std::regex_match(name, found, pattern())) return false;
  return ::kill(static_cast<pid_t>(std::stoll(found[2])), 0) != 0 && errno == ESRCH;
}

}  // namespace sure
