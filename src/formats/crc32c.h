// CRC-32C (Castagnoli), by table, a byte at a time: what frames TensorBoard's records. RFC 3720, appendix B.4.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sure {

namespace detail {

constexpr std::array<uint32_t, 256> make_crc32c_table() {
  constexpr uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kReversedPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

inline constexpr std::array<uint32_t, 256> kCrc32cTable = make_crc32c_table();

}  // namespace detail

/// The checksum of all bytes; 0 for none.
constexpr uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) crc = (crc >> 8) ^ detail::kCrc32cTable[(crc ^ static_cast<uint8_t>(byte)) & 0xFF];
  return ~crc;
}

/// As TFRecord stores it: rotated and shifted, so that a checksum of data that holds checksums stays sound.
constexpr uint32_t masked_crc32c(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}

}  // namespace sure
