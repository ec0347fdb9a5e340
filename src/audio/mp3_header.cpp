#include "audio/mp3_header.h"

namespace sure {

namespace {

constexpr int64_t kBitRates[5][15] = {{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
                                      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
                                      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
                                      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
                                      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}};
constexpr int64_t kRates[3] = {44100, 48000, 32000};
constexpr int64_t kVersions[4] = {3, 0, 2, 1};  // by their two bits; 0 is reserved

int64_t bit_rate(int64_t version, int64_t layer, unsigned index) {
  const int64_t row = version == 1 ? layer - 1 : (layer == 1 ? 3 : 4);
  return 1000 * kBitRates[row][index];
}

int64_t frame_bytes(const Mp3Header& header, int64_t bits, bool padded) {
  if (header.layer == 1) return (12 * bits / header.rate + (padded ? 1 : 0)) * 4;
  return header.samples() / 8 * bits / header.rate + (padded ? 1 : 0);
}

}  // namespace

int64_t Mp3Header::samples() const {
  if (layer == 1) return 384;
  return layer == 3 && version > 1 ? 576 : 1152;
}

int64_t Mp3Header::side_bytes() const {
  if (version == 1) return mono ? 17 : 32;
  return mono ? 9 : 17;
}

bool Mp3Header::goes_with(const Mp3Header& other) const {
  return version == other.version && layer == other.layer && rate == other.rate;
}

std::optional<Mp3Header> parse_mp3_header(std::string_view bytes) {
  if (bytes.size() < kMp3HeaderBytes) return std::nullopt;
  unsigned word = 0;
  for (size_t i = 0; i < kMp3HeaderBytes; ++i) word = word << 8 | static_cast<unsigned char>(bytes[i]);
  const unsigned layer_bits = word >> 17 & 3;
  const unsigned bit_rate_index = word >> 12 & 15;
  const unsigned rate_index = word >> 10 & 3;
  Mp3Header header;
  header.version = kVersions[word >> 19 & 3];
  if (word >> 21 != 0x7FF || header.version == 0 || layer_bits == 0 || rate_index == 3) return std::nullopt;
  if (bit_rate_index == 0 || bit_rate_index == 15) return std::nullopt;
  header.layer = 4 - layer_bits;
  header.rate = kRates[rate_index] >> (header.version - 1);
  header.mono = (word >> 6 & 3) == 3;
  header.bytes = frame_bytes(header, bit_rate(header.version, header.layer, bit_rate_index), (word >> 9 & 1) != 0);
  return header;
}

}  // namespace sure
