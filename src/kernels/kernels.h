// What the layers need and libtorch does in more passes, as plain functions on memory: a table of them for each kind of
// processor and of element, bf16 or fp32. All matrices are row-major with a stride in elements between rows; `void*`
// holds elements of the table's type, `float*` is fp32 in both; sums are fp32.
#pragma once

#include <cstdint>

namespace sure::kernels {

/// The upper half of a float's bits.
using bf16 = uint16_t;

/// Which elements dropout keeps: a function of the seed and the element's index, so that the backward pass computes it
/// again.
struct DropoutMask {
  float rate = 0;
  uint32_t seed = 0;
  uint32_t first = 0;  // of the first element here, where it is one of a larger whole

  /// Elements whose 32-bit hash is below are dropped.
  uint32_t threshold() const { return static_cast<uint32_t>(static_cast<double>(rate) * 4294967295.0); }
  float scale() const { return 1 / (1 - rate); }
};

/// A B, where A is [rows, k] and B [k, columns], or [columns, k] when transposed (as a linear layer's weight is).
struct Product {
  const void* a = nullptr;
  int64_t a_stride = 0;
  const void* b = nullptr;
  int64_t b_stride = 0;
  int64_t k = 0;  // bf16: even, unless A is packed
  bool b_is_transposed = false;
  int64_t a_word_stride = 0;  // 0, or where A is packed (pack_a) the elements between its words of k
};

/// A B of 8-bit numbers, summed in whole numbers. What it stands for is a_scales[row] · b_scales[column] ·
/// Σ_k (a - 128) b.
struct QuantisedProduct {
  const uint8_t* a = nullptr;       // [rows, k]
  const float* a_scales = nullptr;  // [rows]
  const int8_t* b = nullptr;        // [k, columns], or [columns, k] when transposed
  int64_t b_stride = 0;
  const float* b_scales = nullptr;  // [columns], or null: 1
  int64_t k = 0;                    // a multiple of 4
  bool b_is_transposed = false;
};

/// Σ A_t B_t [rows, columns] for each of `clips` matrices, which share B; of one, also quantised products.
struct SumOfProducts {
  int64_t rows = 0;
  int64_t columns = 0;
  const Product* terms = nullptr;
  int count = 0;  // at most 6
  int64_t clips = 1;
  int64_t a_clip_stride = 0;                    // elements between the clips' A
  const QuantisedProduct* quantised = nullptr;  // more terms, where there is quantise_rows
  int quantised_count = 0;                      // at most 3
};

/// Where a result goes.
struct Target {
  void* data = nullptr;
  int64_t stride = 0;
  int64_t clip_stride = 0;
};

/// sum = x + dropout(y), y = normed: layer norm over `columns` with weight and bias, fp32; statistics [rows][2]: mean
/// and 1 / deviation. `y` and `sum` may be null together: norm of x.
struct AddNorm {
  int64_t rows = 0;
  int64_t columns = 0;
  const void* x = nullptr;
  const void* y = nullptr;
  DropoutMask dropout = {};
  const float* weight = nullptr;
  const float* bias = nullptr;
  float eps = 0;
  void* sum = nullptr;
  void* normed = nullptr;
  float* statistics = nullptr;
  bool gelu = false;  // of the normed
};

/// Gradients of add_norm: dx = norm's + d_sum, dy = dropout(dx). `d_sum` may be null; dy may be null or dx itself.
struct AddNormBackward {
  int64_t rows = 0;
  int64_t columns = 0;
  const void* sum = nullptr;
  const float* statistics = nullptr;
  const float* weight = nullptr;
  DropoutMask dropout = {};
  const void* d_normed = nullptr;
  const void* d_sum = nullptr;
  void* dx = nullptr;
  void* dy = nullptr;
  float* d_norm = nullptr;  // null, or [parts][2][columns], zeros: shares of the gradients of weight and bias
  int64_t parts = 1;        // of the rows, for the threads
};

/// Heads side by side: [clips, rows, heads · width].
struct Heads {
  const void* data = nullptr;
  int64_t clip_stride = 0;
  int64_t row_stride = 0;
};

/// Added to the scores of each head: gate[clip, head, query] · table[head, frame - query + queries - 1], where the last
/// `queries` keys are those of the queries' frames; the keys before them get none.
struct RelativeBias {
  const float* table = nullptr;  // [heads, 2 queries - 1]; null: no bias
  const float* gate = nullptr;   // [clips, heads, queries]
};

/// out = softmax(scale q kᵀ + bias) v for each head; q has `queries` rows, k and v `keys`.
struct Attention {
  int64_t clips = 0;
  int64_t heads = 0;
  int64_t width = 0;  // of a head, even
  int64_t queries = 0;
  int64_t keys = 0;
  const int64_t* key_lengths = nullptr;  // [clips], at least 1: keys from there on are padding; null: none are
  float scale = 0;
  DropoutMask dropout = {};  // of the weights
  RelativeBias bias = {};
  Heads q = {};
  Heads k = {};
  Heads v = {};
  void* out = nullptr;        // [clips, queries, heads · width], contiguous
  float* log_sums = nullptr;  // [clips, heads, queries]: log Σ exp of each query's row
};

/// Gradients of an attention that has run; all contiguous, laid out as out (d_out, dq) and [clips, keys, heads ·
/// width].
struct AttentionBackward {
  Attention forward = {};
  const void* d_out = nullptr;
  void* dq = nullptr;
  void* dk = nullptr;
  void* dv = nullptr;
  float* d_gate = nullptr;   // as the gate; null: not wanted
  float* d_table = nullptr;  // [clips, heads, 2 queries - 1], zeros: each clip's share; null: not wanted
};

constexpr int64_t kMaxDepthwiseTaps = 31;

/// Three "same" convolutions over time without bias: 2 · inner channels in, each pair of neighbours into one, ReLU, one
/// into one, one into a pair. x and y [clips, frames, 2 · inner]; numbers of taps are odd, kMaxDepthwiseTaps at most.
/// Frames from lengths[clip] on are silent, before and after each of the three.
struct DepthwiseChain {
  int64_t clips = 0;
  int64_t frames = 0;
  int64_t inner = 0;
  const int64_t* lengths = nullptr;  // [clips], at least 1; null: all frames
  const void* x = nullptr;
  int64_t down_taps = 0;
  int64_t mid_taps = 0;
  int64_t up_taps = 0;
  const float* down = nullptr;  // [2][down_taps][inner]: for the even and the odd channels
  const float* mid = nullptr;   // [mid_taps][inner]
  const float* up = nullptr;    // [2][up_taps][inner]
  void* y = nullptr;
  float* mean = nullptr;  // [clips][2][inner]: of y's valid frames
};

/// Gradients of a chain that has run; those of the weights are added to what is there.
struct DepthwiseChainBackward {
  DepthwiseChain forward = {};
  const void* dy = nullptr;
  const float* d_mean = nullptr;
  void* dx = nullptr;
  float* d_down = nullptr;
  float* d_mid = nullptr;
  float* d_up = nullptr;
};

/// The first convolution of a front-end, one channel in: out [clips, frames, channels] = f(w[c, :] · window + b[c]),
/// where f is GELU or nothing. Weights [clips][kernel][channels] and biases [clips][channels], fp32: each clip's own,
/// so that a norm over its frames can be folded in.
struct FirstConv {
  int64_t clips = 0;
  int64_t samples = 0;
  int64_t frames = 0;
  int64_t channels = 0;
  int64_t kernel = 0;
  int64_t stride = 0;
  const float* audio = nullptr;
  const float* weights = nullptr;
  const float* biases = nullptr;
  bool gelu = true;
  void* out = nullptr;
};

/// Elements that pack_a writes, at most.
constexpr int64_t packed_width(int64_t columns) { return (columns + 15) / 16 * 16; }
constexpr int64_t packed_size(int64_t rows, int64_t columns) { return (rows + 1) / 2 * 2 * packed_width(columns); }

/// The kernels for one kind of processor and of element.
struct Kernels {
  /// target = sum + bias; `bias` is [columns] or null.
  void (*multiply_bias)(const SumOfProducts& sum, const float* bias, const Target& target);
  /// target = dropout(gelu(sum + bias)). `slope`: null, or where the derivative by the sum goes, laid out as target.
  void (*multiply_gelu)(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout, const Target& target,
                        void* slope);
  /// target = sum ∘ factor; `factor` is laid out as target.
  void (*multiply_scale)(const SumOfProducts& sum, const void* factor, const Target& target);
  /// target = factor · sum, fp32; of one clip.
  void (*multiply_float)(const SumOfProducts& sum, float factor, float* target, int64_t stride);
  /// Columns of `from` [rows, columns] as the A of a product whose k are the rows, packed into `to` (packed_size
  /// elements at a multiple of 64 bytes); returns the product, without a B.
  Product (*pack_a)(const void* from, int64_t stride, int64_t rows, int64_t columns, void* to);
  /// to = dropout(x); its own gradient. Indices count from the first element.
  void (*dropout)(const void* x, int64_t count, const DropoutMask& mask, void* to);
  void (*add_norm)(const AddNorm& op);
  void (*add_norm_backward)(const AddNormBackward& op);
  void (*attention)(const Attention& op);
  void (*attention_backward)(const AttentionBackward& op);
  void (*depthwise_chain)(const DepthwiseChain& op);
  void (*depthwise_chain_backward)(const DepthwiseChainBackward& op);
  void (*first_conv)(const FirstConv& op);
  /// Each row of x ∘ factors [rows, columns] as 8-bit numbers: to = round(row / scale) + 128, scale = max |row| / 127.
  /// `factors`: [columns], or null: 1. Null where there are no quantised products.
  void (*quantise_rows)(const void* x, int64_t rows, int64_t columns, const float* factors, uint8_t* to,
                        float* scales) = nullptr;
};

}  // namespace sure::kernels
