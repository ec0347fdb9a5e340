#include "model/checkpoint_head.h"

#include <algorithm>

#include "backbone/model_folder.h"
#include "core/error.h"
#include "text/tokenizer_files.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// Whether the tokens and the blank are those of the model folder; not of one without a vocabulary, or with one that
/// cannot be the model's.
bool has_checkpoint_tokens(const ModelSpec& spec, int64_t outputs) {
  if (is_random_backbone(spec.model.model)) return false;
  const fs::path file = fs::path(find_model(spec.model.model)) / "vocab.json";
  if (!fs::exists(file) && !fs::exists(file.parent_path() / "tokenizer.json")) return false;
  try {
    const Vocabulary vocabulary = read_vocabulary(file, spec.target.language, outputs);
    return vocabulary.tokens() == spec.labels && vocabulary.blank() == vocabulary_of(spec).blank();
  } catch (const Error&) {
    return false;  // as of many languages none of which was chosen: --vocab says so where it matters
  }
}

}  // namespace

ParameterList checkpoint_head(const ModelSpec& spec, const LoadedBackbone& base) {
  ParameterList head;
  if (find_task(spec.task).output != OutputKind::transcript) return head;
  for (const NamedTensor& tensor : base.unused) {
    if (tensor.name.starts_with("lm_head.")) head.push_back({"head." + tensor.name, tensor.value});
  }
  const Tensor* weight = find_tensor(head, "head.lm_head.weight");
  const bool is_same = weight != nullptr && weight->dim() == 2 && has_checkpoint_tokens(spec, weight->size(0));
  return is_same ? head : ParameterList();
}

}  // namespace sure
