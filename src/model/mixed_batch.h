// One pass for clips that belong to different adapters of one encoder.
#pragma once

#include <vector>

#include "model/adapted_model.h"

namespace sure {

/// What a model's head says of its clips.
struct MixedOutput {
  const AdaptedModel* model;
  std::vector<int64_t> rows;  // of the batch, in order
  HeadOutput output;          // of those rows
};

/// Row b of the batch goes through the adapters and the head of `of_rows[b]`; the models share an encoder
/// (AdaptedModel::load_beside). One entry for each model, in the order of their first rows. In training mode gradients
/// are recorded: the sum of the models' losses gives each its own. With padding "exact" a row's result is that of its
/// clip alone. Throws a usage Error for models of several encoders, or that are to hear clips in different ways.
std::vector<MixedOutput> forward_mixed(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch,
                                       bool training);

}  // namespace sure
