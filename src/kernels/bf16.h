// What frozen layers need in bfloat16 and libtorch does in more passes, as plain functions on memory: one table of them
// for each kind of processor. All matrices are row-major with a stride in elements between rows; sums are fp32.
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

  /// Elements whose 32-bit hash is below are dropped.
  uint32_t threshold() const { return static_cast<uint32_t>(static_cast<double>(rate) * 4294967295.0); }
  float scale() const { return 1 / (1 - rate); }
};

/// A B, where A is [rows, k] and B [k, columns], or [columns, k] when transposed (as a linear layer's weight is).
struct Product {
  const bf16* a = nullptr;
  int64_t a_stride = 0;
  const bf16* b = nullptr;
  int64_t b_stride = 0;
  int64_t k = 0;  // even, unless a_pair_stride says that A is in pairs
  bool b_is_transposed = false;
  int64_t a_pair_stride = 2;  // between pairs of k: 2, or more where A is packed (pack_pairs) and read by columns
};

/// Σ A_t B_t [rows, columns] for each of `clips` matrices, which share B.
struct SumOfProducts {
  int64_t rows = 0;
  int64_t columns = 0;
  const Product* terms = nullptr;
  int count = 0;  // 1 to 6
  int64_t clips = 1;
  int64_t a_clip_stride = 0;  // elements between the clips' A
};

/// Where a result goes.
struct Target {
  bf16* data = nullptr;
  int64_t stride = 0;
  int64_t clip_stride = 0;
};

/// sum = x + dropout(y), y = normed: layer norm over `columns` with weight and bias, fp32; statistics [rows][2]: mean
/// and 1 / deviation. `y` and `sum` may be null together: norm of x.
struct AddNorm {
  int64_t rows = 0;
  int64_t columns = 0;
  const bf16* x = nullptr;
  const bf16* y = nullptr;
  DropoutMask dropout = {};
  const float* weight = nullptr;
  const float* bias = nullptr;
  float eps = 0;
  bf16* sum = nullptr;
  bf16* normed = nullptr;
  float* statistics = nullptr;
  bool gelu = false;  // of the normed
};

/// Gradients of add_norm: dx = norm's + d_sum, dy = dropout(dx). `d_sum` may be null; dy may be null or dx itself.
struct AddNormBackward {
  int64_t rows = 0;
  int64_t columns = 0;
  const bf16* sum = nullptr;
  const float* statistics = nullptr;
  const float* weight = nullptr;
  DropoutMask dropout = {};
  const bf16* d_normed = nullptr;
  const bf16* d_sum = nullptr;
  bf16* dx = nullptr;
  bf16* dy = nullptr;
  float* d_norm = nullptr;  // null, or [parts][2][columns], zeros: shares of the gradients of weight and bias
  int64_t parts = 1;        // of the rows, for the threads
};

/// Heads side by side: [clips, rows, heads · width].
struct Heads {
  const bf16* data = nullptr;
  int64_t clip_stride = 0;
  int64_t row_stride = 0;
};

/// out = softmax(scale q kᵀ) v for each head; q has `queries` rows, k and v `keys`.
struct Attention {
  int64_t clips = 0;
  int64_t heads = 0;
  int64_t width = 0;  // of a head, even
  int64_t queries = 0;
  int64_t keys = 0;
  const int64_t* key_lengths = nullptr;  // [clips], at least 1: keys from there on are padding; null: none are
  float scale = 0;
  DropoutMask dropout = {};  // of the weights
  Heads q = {};
  Heads k = {};
  Heads v = {};
  bf16* out = nullptr;        // [clips, queries, heads · width], contiguous
  float* log_sums = nullptr;  // [clips, heads, queries]: log Σ exp of each query's row
};

/// Gradients of an attention that has run; all contiguous, laid out as out (d_out, dq) and [clips, keys, heads ·
/// width].
struct AttentionBackward {
  Attention forward = {};
  const bf16* d_out = nullptr;
  bf16* dq = nullptr;
  bf16* dk = nullptr;
  bf16* dv = nullptr;
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
  const bf16* x = nullptr;
  int64_t down_taps = 0;
  int64_t mid_taps = 0;
  int64_t up_taps = 0;
  const float* down = nullptr;  // [2][down_taps][inner]: for the even and the odd channels
  const float* mid = nullptr;   // [mid_taps][inner]
  const float* up = nullptr;    // [2][up_taps][inner]
  bf16* y = nullptr;
  float* mean = nullptr;  // [clips][2][inner]: of y's valid frames
};

/// Gradients of a chain that has run; those of the weights are added to what is there.
struct DepthwiseChainBackward {
  DepthwiseChain forward = {};
  const bf16* dy = nullptr;
  const float* d_mean = nullptr;
  bf16* dx = nullptr;
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
  bf16* out = nullptr;
};

/// Elements that pack_pairs writes.
constexpr int64_t packed_pairs_width(int64_t columns) { return (columns + 15) / 16 * 16; }
constexpr int64_t packed_pairs_size(int64_t rows, int64_t columns) {
  return (rows + 1) / 2 * 2 * packed_pairs_width(columns);
}

/// The kernels for one kind of processor.
struct Bf16Kernels {
  /// target = sum + bias; `bias` is [columns] or null.
  void (*multiply_bias)(const SumOfProducts& sum, const float* bias, const Target& target);
  /// target = dropout(gelu(sum + bias)). `slope`: null, or where the derivative by the sum goes, laid out as target.
  void (*multiply_gelu)(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout, const Target& target,
                        bf16* slope);
  /// target = sum ∘ factor; `factor` is laid out as target.
  void (*multiply_scale)(const SumOfProducts& sum, const bf16* factor, const Target& target);
  /// target = factor · sum, fp32; of one clip.
  void (*multiply_float)(const SumOfProducts& sum, float factor, float* target, int64_t stride);
  /// Columns of `from` [rows, columns] in pairs of rows, as the A of a product whose k are the rows: `to` (at a
  /// multiple of 64 bytes) becomes [ceil(rows / 2)][packed_pairs_width(columns)][2]; its a_stride is 2, its
  /// a_pair_stride twice that width.
  void (*pack_pairs)(const bf16* from, int64_t stride, int64_t rows, int64_t columns, bf16* to);
  /// to = dropout(x); its own gradient. Indices count from the first element.
  void (*dropout)(const bf16* x, int64_t count, const DropoutMask& mask, bf16* to);
  void (*add_norm)(const AddNorm& op);
  void (*add_norm_backward)(const AddNormBackward& op);
  void (*attention)(const Attention& op);
  void (*attention_backward)(const AttentionBackward& op);
  void (*depthwise_chain)(const DepthwiseChain& op);
  void (*depthwise_chain_backward)(const DepthwiseChainBackward& op);
  void (*first_conv)(const FirstConv& op);
};

/// The kernels that this processor can run, null where there are none: then libtorch computes. The environment variable
/// SURE_KERNELS chooses: "avx512_bf16", "aten" (none), or empty: the best. Throws a usage Error for kernels that the
/// processor lacks.
const Bf16Kernels* bf16_kernels();

/// For tests: the kernels of that name (as in SURE_KERNELS) while it lives.
class ScopedKernels {
 public:
  explicit ScopedKernels(const char* name);
  ~ScopedKernels();
  ScopedKernels(const ScopedKernels&) = delete;
  ScopedKernels& operator=(const ScopedKernels&) = delete;

 private:
  const Bf16Kernels* before_;
};

}  // namespace sure::kernels
