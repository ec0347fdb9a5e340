#include "predict/voices.h"

#include <ATen/ops/tensor.h>

#include "core/error.h"

namespace sure {

VoiceEmbedder::VoiceEmbedder(const AdaptedModel& model) : model_(model), collate_(model.collate_options()) {
  const Task& task = model.task();
  if (task.output != OutputKind::embedding) {
    fail_usage(
        "this adapter was trained for the task {}, which makes no voice embeddings; train one with --task verification",
        task.name);
  }
  read_ = model.objective().make_postprocessor({});
}

Tensor VoiceEmbedder::operator()(const std::filesystem::path& clip) const {
  const Batch batch = load_batch({{clip, "", ""}}, {0}, /*encode=*/{}, collate_, /*augment=*/false, /*seed=*/0);
  const HeadOutput output = model_.forward(batch, /*training=*/false);
  if (!output.embedding.isfinite().all().item<bool>()) fail("the model's output for it is not finite");
  return at::tensor(at::ArrayRef<float>(read_(output).front().embedding));
}

}  // namespace sure
