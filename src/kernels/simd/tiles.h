// Sums of products of bf16 by the processor's matrix unit (AMX): tiles of 16 rows of 64 bytes. Only files compiled for
// it include this, through gemm.h. A panel is what a tile of B must be: 16 words of k by 16 columns.
#pragma once

#include "kernels/simd/term.h"

namespace sure::SURE_SIMD {

constexpr int64_t kTile = 16;  // rows of a tile, and words in each

/// All eight tiles at their full size while it lives: 0 to 3 are sums, 4 and 5 rows of A, 6 and 7 columns of B.
class Tiles {
 public:
  Tiles() {
    struct alignas(64) {
      uint8_t palette = 1;
      uint8_t start_row = 0;
      uint8_t reserved[14] = {};
      uint16_t bytes_of_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } config;
    __asm__ volatile("" ::"m"(config));  // is written before it is read: the intrinsic does not say that it reads
    _tile_loadconfig(&config);
  }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  ~Tiles() { _tile_release(); }
};

/// What is in memory is there for the tile loads that follow, which do not say that they read it.
inline void settle_memory() { __asm__ volatile("" ::: "memory"); }

/// Up to 16 rows of A.
struct TileRows {
  const bf16* a;
  int64_t stride;  // elements
  int64_t rows;
};

/// Words [word, word + 16) of the rows: where they lie, or, if some are missing, a copy with zeros in their place.
struct Strip {
  const void* data;
  int64_t stride;  // bytes
};

inline Strip strip_of(const TileRows& from, int64_t word, int64_t words, uint32_t* copy) {
  const bf16* a = from.a + word * kWord<bf16>;
  if (from.rows >= kTile && words >= kTile) return {a, from.stride * static_cast<int64_t>(sizeof(bf16))};
  const Lanes<false> lanes(words);
  for (int64_t row = 0; row < kTile; ++row) {
    const Words there = row < from.rows ? lanes.load_words(a + row * from.stride) : Words{};
    Lanes<true>(kLanes).store_words(copy + row * kTile, there);
  }
  settle_memory();
  return {copy, kTile * static_cast<int64_t>(sizeof(uint32_t))};
}

/// Adds 16 words of k to RowTiles x ColumnTiles sums.
template <int RowTiles, int ColumnTiles>
inline __attribute__((always_inline)) void add_tiles(const Strip* a, const uint32_t* b, int64_t b_stride) {
  _tile_loadd(6, b, b_stride);
  _tile_loadd(4, a[0].data, a[0].stride);
  _tile_dpbf16ps(0, 4, 6);
  if constexpr (ColumnTiles == 2) {
    _tile_loadd(7, b + kLanes, b_stride);
    _tile_dpbf16ps(1, 4, 7);
  }
  if constexpr (RowTiles == 2) {
    _tile_loadd(5, a[1].data, a[1].stride);
    _tile_dpbf16ps(2, 5, 6);
    if constexpr (ColumnTiles == 2) _tile_dpbf16ps(3, 5, 7);
  }
}

/// [2 · 16][2 · 16]
struct alignas(64) TileSums {
  float values[2 * kTile][2 * kTile];

  void take() {
    constexpr int64_t kStride = sizeof(values[0]);
    _tile_stored(0, values[0], kStride);
    _tile_stored(1, values[0] + kTile, kStride);
    _tile_stored(2, values[kTile], kStride);
    _tile_stored(3, values[kTile] + kTile, kStride);
  }
};

/// `rows` x `columns` sums from (row, column); `offset`: where the columns begin in the panel of `width`.
template <int RowTiles, int ColumnTiles, class Store>
void run_tile_block(const Terms<bf16>& terms, int64_t row, int64_t rows, int64_t column, int64_t columns,
                    int64_t offset, int64_t width, const Store& store) {
  alignas(64) uint32_t copies[2][kTile * kTile];
  TileSums sums;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int t = 0; t < terms.count; ++t) {
    const Term<bf16>& term = terms.all[t];
    for (int64_t word = 0; word < term.words; word += kTile) {
      Strip strips[RowTiles];
      for (int i = 0; i < RowTiles; ++i) {
        const int64_t first = row + i * kTile;
        const TileRows from = {term.a + first * term.row_stride, term.row_stride, rows - i * kTile};
        strips[i] = strip_of(from, word, term.words - word, copies[i]);
      }
      add_tiles<RowTiles, ColumnTiles>(strips, term.panel + word * width + offset,
                                       width * static_cast<int64_t>(sizeof(uint32_t)));
    }
  }
  sums.take();
  for (int64_t i = 0; i < rows; ++i) {
    for_columns(columns, [&](int64_t j, auto lanes) {
      store(row + i, column + j, Lanes<true>(kLanes).load(&sums.values[i][j]), lanes);
    });
  }
}

template <int RowTiles, class Store>
void run_tile_rows(const Terms<bf16>& terms, int64_t row, int64_t rows, int64_t column, int64_t columns,
                   const Store& store) {
  const int64_t width = (columns + kLanes - 1) / kLanes * kLanes;
  for (int64_t at = 0; at < columns; at += 2 * kTile) {
    const int64_t here = columns - at < 2 * kTile ? columns - at : 2 * kTile;
    if (here > kTile) {
      run_tile_block<RowTiles, 2>(terms, row, rows, column + at, here, at, width, store);
    } else {
      run_tile_block<RowTiles, 1>(terms, row, rows, column + at, here, at, width, store);
    }
  }
}

/// Rows [begin, end) of one panel.
template <class Store>
void run_tiles(const Terms<bf16>& terms, int64_t begin, int64_t end, int64_t column, int64_t columns,
               const Store& store) {
  const Tiles tiles;
  settle_memory();
  for (int64_t row = begin; row < end; row += 2 * kTile) {
    const int64_t rows = end - row < 2 * kTile ? end - row : 2 * kTile;
    if (rows > kTile) {
      run_tile_rows<2>(terms, row, rows, column, columns, store);
    } else {
      run_tile_rows<1>(terms, row, rows, column, columns, store);
    }
  }
}

}  // namespace sure::SURE_SIMD
