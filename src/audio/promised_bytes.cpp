#include "audio/promised_bytes.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audio/wav_layout.h"

namespace sure {

namespace {

// 32-bit sizes from here on stand for "unknown" in what was written to a pipe.
constexpr int64_t kUnknownSize = 0x7F000000;
constexpr std::string_view kAsfHeader("\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C", 16);
constexpr std::string_view kAsfFileProperties("\xA1\xDC\xAB\x8C\x47\xA9\xCF\x11\x8E\xE4\x00\xC0\x0C\x20\x53\x65", 16);

/// What of the bytes from `begin` on is not there.
int64_t missing(const ByteFile& file, int64_t begin, int64_t promised) {
  return std::max<int64_t>(0, promised - std::max<int64_t>(0, file.size() - begin));
}

int64_t missing_wav(const ByteFile& file) {
  const std::optional<WavLayout> wav = read_wav_layout(file);
  return wav ? missing(file, wav->data_begin, wav->data_bytes) : 0;
}

int64_t missing_avi(const ByteFile& file) {
  const std::optional<int64_t> size = file.little_endian(4, 4);
  return file.has(8, "AVI ") && size && *size < kUnknownSize ? missing(file, 8, *size) : 0;
}

/// "FORM" size "AIFF", then chunks as in RIFF, big-endian.
int64_t missing_aiff(const ByteFile& file) {
  if (!file.has(8, "AIF")) return 0;
  for (int64_t at = 12;;) {
    const std::optional<int64_t> size = file.big_endian(at + 4, 4);
    if (!size) return 0;
    if (file.has(at, "SSND")) return *size < kUnknownSize ? missing(file, at + 8, *size) : 0;
    at += 8 + *size + *size % 2;
  }
}

/// Magic, offset of the samples, their bytes.
int64_t missing_au(const ByteFile& file, bool big_endian) {
  const auto number = [&](int64_t offset) {
    return (big_endian ? file.big_endian(offset, 4) : file.little_endian(offset, 4)).value_or(kUnknownSize);
  };
  const int64_t size = number(8);
  return size < kUnknownSize ? missing(file, number(4), size) : 0;
}

int64_t missing_big_au(const ByteFile& file) { return missing_au(file, true); }

int64_t missing_little_au(const ByteFile& file) { return missing_au(file, false); }

/// Magic and version, then chunks of a name and a 64-bit size, which is -1 for samples of unknown length.
int64_t missing_caf(const ByteFile& file) {
  for (int64_t at = 8;;) {
    const std::optional<int64_t> size = file.big_endian(at + 4, 8);
    if (!size || *size > INT64_MAX / 2) return 0;
    if (file.has(at, "data")) return missing(file, at + 12, *size);
    at += 12 + *size;
  }
}

/// A number field of a SPHERE header, "sample_count -i 97600\n"; 0 when it is not there.
int64_t sphere_number(const std::string& header, std::string_view name) {
  const size_t at = header.find("\n" + std::string(name) + " -i ");
  return at == std::string::npos ? 0 : std::strtoll(header.c_str() + at + name.size() + 5, nullptr, 10);
}

int64_t missing_sphere(const ByteFile& file) {
  const int64_t header_bytes = std::strtoll(file.bytes(8, 8).c_str(), nullptr, 10);
  constexpr int64_t kLongestHeader = 1 << 20;
  const std::string header = file.bytes(0, std::clamp<int64_t>(header_bytes, 0, kLongestHeader));
  if (header.find("shorten") != std::string::npos) return 0;
  const int64_t samples = sphere_number(header, "sample_count");
  const int64_t width = sphere_number(header, "sample_n_bytes") * sphere_number(header, "channel_count");
  if (samples <= 0 || width <= 0 || samples > INT64_MAX / width) return 0;
  return missing(file, header_bytes, samples * width);
}

/// The header is a list of objects: a GUID, a 64-bit size with this head, a body. File Properties: file GUID, file size
/// …
int64_t missing_asf(const ByteFile& file) {
  constexpr int64_t kHead = 24;
  constexpr int64_t kFirstObject = 30;
  const int64_t end = std::min(file.size(), file.little_endian(16, 8).value_or(0));
  for (int64_t at = kFirstObject; at < end;) {
    const int64_t size = file.little_endian(at + 16, 8).value_or(0);
    if (file.has(at, kAsfFileProperties)) {
      const bool broadcast = (file.little_endian(at + kHead + 64, 4).value_or(0) & 1) != 0;
      return broadcast ? 0 : missing(file, 0, file.little_endian(at + kHead + 16, 8).value_or(0));
    }
    if (size < kHead || size > file.size()) return 0;
    at += size;
  }
  return 0;
}

struct Container {
  std::string_view magic;
  int64_t (*missing)(const ByteFile& file);
};

constexpr Container kContainers[] = {
    {"RIFF", &missing_wav},       {"RIFX", &missing_wav}, {"RF64", &missing_wav},       {"BW64", &missing_wav},
    {"riff", &missing_wav},       {"RIFF", &missing_avi}, {"FORM", &missing_aiff},      {".snd", &missing_big_au},
    {"dns.", &missing_little_au}, {"caff", &missing_caf}, {"NIST_1A", &missing_sphere}, {kAsfHeader, &missing_asf}};

}  // namespace

int64_t missing_bytes(const ByteFile& file) {
  for (const Container& container : kContainers) {
    if (!file.has(0, container.magic)) continue;
    if (const int64_t bytes = container.missing(file); bytes > 0) return bytes;
  }
  return 0;
}

}  // namespace sure
