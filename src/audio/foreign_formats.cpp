#include "audio/foreign_formats.h"

#include <string_view>

#include "audio/audio_formats.h"
#include "audio/wav_layout.h"
#include "core/error.h"

namespace sure {

namespace {

struct Magic {
  int64_t offset;
  std::string_view bytes;
  std::string_view name;
};

constexpr Magic kMagics[] = {{4, "ftyp", "M4A (MPEG-4)"},
                             {0, "\x1A\x45\xDF\xA3", "WebM (Matroska)"},
                             {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "WMA (ASF)"},
                             {0, "#!AMR", "AMR"},
                             {0, "\xFF\xF1", "raw AAC"},
                             {0, "\xFF\xF9", "raw AAC"},
                             {0, "\xFF\xFD", "MP2 of unknown length"},
                             {0, "\xFF\xFC", "MP2 of unknown length"},
                             {0, "\xFF\xF5", "MP2 of unknown length"},
                             {0, "\xFF\xF4", "MP2 of unknown length"},
                             {8, "AVI ", "AVI"},
                             {0, "OggS", "Ogg of several streams or of other codecs than Vorbis and Opus"},
                             {0, "FLV", "FLV"},
                             {0, "wvpk", "WavPack"},
                             {0, "MAC ", "Monkey's Audio"},
                             {0, "TTA1", "TTA"}};

}  // namespace

std::string foreign_format(const ByteFile& file) {
  for (const Magic& magic : kMagics) {
    if (file.has(magic.offset, magic.bytes)) return std::string(magic.name);
  }
  if (const auto wav = read_wav_layout(file)) return fmt::format("WAV with the codec 0x{:04X}", wav->format_tag);
  return is_ffmpeg_name(file.path()) ? file.path().extension().string() : "";
}

}  // namespace sure
