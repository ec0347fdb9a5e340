#include "model/checkpoint_head.h"

#include "core/error.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// Empty for a folder without a vocabulary, or with one that cannot be the model's.
Labels checkpoint_tokens(const ModelSpec& spec) {
  const fs::path file = fs::path(spec.model.model) / "vocab.json";
  if (!fs::exists(file)) return {};
  try {
    return read_vocab_json(file, spec.target.language).tokens();
  } catch (const Error&) {
    return {};  // as of many languages none of which was chosen: --vocab says so where it matters
  }
}

}  // namespace

ParameterList checkpoint_head(const ModelSpec& spec, const LoadedBackbone& base) {
  ParameterList head;
  if (find_task(spec.task).output != OutputKind::transcript || spec.labels != checkpoint_tokens(spec)) return head;
  for (const NamedTensor& tensor : base.unused) {
    if (tensor.name.starts_with("lm_head.")) head.push_back({"head." + tensor.name, tensor.value});
  }
  return head;
}

}  // namespace sure
