#include "cli/list_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "text/encoding.h"
#include "text/line_ends.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr size_t kBlock = 1 << 16;

/// How an audio file starts: bytes, -1 for any.
using Start = std::vector<int>;

Start text(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }

Start operator+(Start left, const Start& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const std::vector<Start>& audio_starts() {
  const Start any4 = {-1, -1, -1, -1};
  static const std::vector<Start> table = {
      text("RIFF") + any4 + text("WAVE"),
      text("RIFX") + any4 + text("WAVE"),
      text("RF64") + any4 + text("WAVE"),
      text("riff") + Start{0x2E, 0x91, 0xCF, 0x11},  // W64
      text("FORM") + any4 + text("AIF"),
      text("fLaC") + Start{0x00},
      text("fLaC") + Start{0x80},
      text("OggS") + Start{0x00},
      text("ID3") + Start{0x02},
      text("ID3") + Start{0x03},
      text("ID3") + Start{0x04},
      text(".snd") + Start{0x00},
      text("caff") + Start{0x00},
      text("NIST_1A\n"),
      text("#!AMR"),
      text("ADIF"),
      Start{0x00, 0x00, 0x00, -1} + text("ftyp"),  // MP4, M4A
      Start{0x1A, 0x45, 0xDF, 0xA3},               // Matroska, WebM
      Start{0x30, 0x26, 0xB2, 0x75},               // WMA
      // MPEG audio frames: layers III and II of MPEG 1 and 2, and AAC.
      Start{0xFF, 0xFB},
      Start{0xFF, 0xFA},
      Start{0xFF, 0xF3},
      Start{0xFF, 0xF2},
      Start{0xFF, 0xE3},
      Start{0xFF, 0xE2},
      Start{0xFF, 0xFD},
      Start{0xFF, 0xFC},
      Start{0xFF, 0xF5},
      Start{0xFF, 0xF4},
      Start{0xFF, 0xF1},
      Start{0xFF, 0xF9},
  };
  return table;
}

/// Nothing: too few bytes to tell.
std::optional<bool> starts_with(std::string_view bytes, const Start& start) {
  for (size_t i = 0; i < start.size(); ++i) {
    if (i == bytes.size()) return std::nullopt;
    if (start[i] >= 0 && start[i] != static_cast<unsigned char>(bytes[i])) return false;
  }
  return true;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

ListReader::ListReader(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

/// Waits for more bytes; false at the end.
bool ListReader::fill() {
  std::array<char, kBlock> block;
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, block.data(), block.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail("{}: cannot be read ({})", name_, std::strerror(errno));
  buffer_.append(block.data(), static_cast<size_t>(count));
  ended_ = count == 0;
  return !ended_;
}

bool ListReader::holds_audio() {
  for (;;) {
    bool may_be = buffer_.empty();
    for (const Start& start : audio_starts()) {
      const std::optional<bool> is_it = starts_with(buffer_, start);
      if (is_it.value_or(false)) return true;
      may_be = may_be || !is_it.has_value();
    }
    if (!may_be || ended_ || !fill()) return false;
  }
}

/// Encoding and separator, once the first line or part of one is there.
void ListReader::settle() {
  if (is_utf16(buffer_)) {
    while (fill()) continue;
    buffer_ = utf16_to_utf8(buffer_, name_);
  }
  buffer_ = without_byte_order_mark(buffer_);
  separator_ = end_of_line(buffer_);
  settled_ = true;
}

/// Of the encoding that bytes come in, as long as that is not known.
bool ListReader::has_whole_line() const {
  if (settled_) return buffer_.find(separator_) != std::string::npos;
  return buffer_.find_first_of(std::string_view("\n\0", 2)) != std::string::npos;
}

/// Takes the next line that is there whole, if there is one.
bool ListReader::take_line(std::string& path) {
  if (!settled_ && (ended_ || has_whole_line())) settle();
  while (settled_ && !buffer_.empty() && (ended_ || has_whole_line())) {
    const size_t end = std::min(buffer_.find(separator_), buffer_.size());
    path = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (separator_ == '\n' && path.ends_with('\r')) path.pop_back();
    if (!is_blank(path)) return true;
  }
  return false;
}

bool ListReader::next(std::string& path) {
  if (!waiting_.empty()) {
    path = std::exchange(waiting_, {});
    return true;
  }
  while (!take_line(path)) {
    if (ended_ && buffer_.empty()) return false;
    if (!ended_) fill();
  }
  return true;
}

bool ListReader::ready() {
  while (waiting_.empty() && !take_line(waiting_)) {
    waiting_.clear();
    pollfd input = {descriptor_, POLLIN, 0};
    if (ended_ || ::poll(&input, 1, 0) <= 0) return false;
    fill();
  }
  return true;
}

std::string ListReader::take_rest() {
  while (!ended_) fill();
  return std::exchange(buffer_, {});
}

}  // namespace sure
