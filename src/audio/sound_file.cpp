#include "audio/sound_file.h"

#include <cstdint>
#include <system_error>

#include "audio/wav_header.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void check_regular_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) fail("{}: no such file, expected an audio file", path.string());
  if (fs::is_directory(status)) fail("{}: this is a folder, expected an audio file", path.string());
  if (!fs::is_regular_file(status)) fail("{}: not a regular file, expected an audio file", path.string());
  if (fs::file_size(path, error) == 0 && !error) fail("{}: an empty file (0 bytes), expected audio", path.string());
}

void check_header(const fs::path& path, const SF_INFO& info) {
  if (info.samplerate <= 0 || info.channels <= 0) {
    fail("{}: header says {} Hz and {} channels, expected at least one of each", path.string(), info.samplerate,
         info.channels);
  }
  const int64_t missing = missing_wav_bytes(path);
  if (missing > 0) fail("{}: cut short, {} bytes of samples are missing; copy the file again", path.string(), missing);
  if (info.frames == 0) fail("{}: zero length, the file holds no samples", path.string());
}

}  // namespace

SoundFile open_sound_file(const fs::path& path, SF_INFO& info) {
  check_regular_file(path);
  SoundFile file(sf_open(path.c_str(), SFM_READ, &info), &sf_close);
  if (file == nullptr) {
    fail("{}: cannot be read as audio ({}), expected WAV, FLAC, OGG, MP3 or another format of libsndfile",
         path.string(), sf_strerror(nullptr));
  }
  check_header(path, info);
  return file;
}

}  // namespace sure
