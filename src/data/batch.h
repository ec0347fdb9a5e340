// Clips on disk -> padded batches of normalised audio, read ahead on a thread of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.h"
#include "core/tensor.h"
#include "data/dataset.h"

namespace sure {

/// Fills up rows of targets that are shorter than others (transformers and cross-entropy ignore it).
constexpr int64_t kNoTarget = -100;

/// A clip's target as the loss wants it. Throws Error; the clip's name is added.
using TargetEncoder = std::function<std::vector<int64_t>(const std::string& target)>;

/// What a process knows of a batch that several share.
struct WholeBatch {
  int64_t first_row = 0;  // of this process's rows
  Tensor lengths;         // int64 [rows of all processes], valid samples
  int64_t labelled = 0;   // frames with a label, over all rows
};

struct Batch {
  Tensor audio;                     // fp32 [B, S], zeros behind each clip
  Tensor lengths;                   // int64 [B], valid samples
  Tensor targets;                   // int64 [B, L], kNoTarget behind each clip's own; undefined when there are none
  Tensor frame_labels;              // int64 [B, T], kNoTarget for frames without one; undefined when there are none
  std::vector<size_t> indices;      // into the examples
  std::optional<WholeBatch> whole;  // of one process: none, it has all rows
};

/// How long a batch's rows are: max_samples, or as its longest clip; `exact` also keeps padding from changing results.
enum class Padding { max_length, longest, exact };

const std::vector<NamedValue<Padding>>& choices_of(Padding padding);

/// How clips become a batch.
struct CollateOptions {
  int64_t max_samples = 40000;  // longer clips are cut at the end; 0 = never
  Padding padding = Padding::max_length;
  bool do_normalize = true;
  // Augmentation, training only.
  double speed_perturbation = 0.0;  // each clip's speed is drawn from {1 - p, 1, 1 + p} (Ko et al. 2015)
};

/// Reads the examples at `indices`. Randomness is a function of (seed, epoch, index); `augment` switches it on.
/// No `encode`: no targets. Throws Error naming the file.
Batch load_batch(const std::vector<Example>& examples, const std::vector<size_t>& indices, const TargetEncoder& encode,
                 const CollateOptions& options, bool augment, uint64_t seed);

/// Pads ready clips (fp32 [S_i], 16 kHz) to a batch: cut, normalise, pad. The part of load_batch without files.
Batch collate(std::vector<Tensor> clips, const CollateOptions& options);

/// The order of one epoch: batches of example indices. `lengths` (samples or bytes, any unit) groups clips of like
/// length when given (group_by_length); empty = plain shuffle. Deterministic in `seed`. The last batch may be short.
std::vector<std::vector<size_t>> shuffled_batches(size_t examples, int64_t batch_size,
                                                  const std::vector<int64_t>& lengths, uint64_t seed);

/// 0, 1 … count - 1.
std::vector<size_t> in_order(size_t count);

/// In order.
std::vector<std::vector<size_t>> sequential_batches(size_t examples, int64_t batch_size);

/// By falling length: clips of like length meet, and memory runs out at once or never.
std::vector<std::vector<size_t>> sorted_batches(const std::vector<int64_t>& lengths, int64_t batch_size);

/// The batches of one epoch, as indices into `samples` (the length of each clip). A batch's longest clip times its
/// clips is at most `batch_samples`; a longer clip makes a batch of its own. `seed` draws the order of the batches and
/// which clips of like length (within 4 %) meet; the number of batches and their sizes do not depend on it. The batch
/// with the longest clip comes first, so that memory runs out at once or never. Throws a usage Error for
/// `batch_samples` < 1.
std::vector<std::vector<size_t>> bucketed_batches(const std::vector<int64_t>& samples, int64_t batch_samples,
                                                  uint64_t seed);

/// Bytes of each clip's file: a stand-in for its length. Throws Error naming a clip that cannot be read.
std::vector<int64_t> file_sizes(const std::vector<Example>& examples);

/// Runs `load` for each item of `plan` on a background thread, a few batches ahead; `next` returns them in order.
/// An exception of `load` comes out of the `next` that would have returned that batch.
class Prefetcher {
 public:
  Prefetcher(std::vector<std::vector<size_t>> plan, std::function<Batch(const std::vector<size_t>&)> load,
             size_t ahead = 2);
  ~Prefetcher();
  bool next(Batch& batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sure
