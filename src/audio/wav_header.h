// What a RIFF/WAVE header promises, which libsndfile silently trims to what the file holds.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sure {

/// Bytes of samples that the file's `data` chunk promises and the file lacks; 0 for whole files and for anything that
/// is not a WAV file. Streamed WAV files, whose writer could not know the length, count as whole.
int64_t missing_wav_bytes(const std::filesystem::path& path);

}  // namespace sure
