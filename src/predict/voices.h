// Recordings -> voice embeddings.
#pragma once

#include <filesystem>

#include "model/adapted_model.h"

namespace sure {

class VoiceEmbedder {
 public:
  /// `model` must outlive it. Throws a usage Error for a task that makes no voice embeddings.
  explicit VoiceEmbedder(const AdaptedModel& model);

  /// fp32 [E] of length 1. One clip at a time, so that an embedding does not depend on its neighbours. Throws Error for
  /// a file that cannot be read or is too short, and for an output that is not finite.
  Tensor operator()(const std::filesystem::path& clip) const;

 private:
  const AdaptedModel& model_;
  CollateOptions collate_;
  Postprocessor read_;
};

}  // namespace sure
