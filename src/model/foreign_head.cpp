#include "model/foreign_head.h"

#include <algorithm>

#include "core/error.h"
#include "text/tokenizer_files.h"
#include "text/utf8.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

struct HeadKind {
  OutputKind output;
  const char* task;     // unless another is asked for
  const char* mark;     // a tensor that only this head has
  const char* outputs;  // the tensor that has a row, or for x-vectors a column, for each output
  std::vector<std::string> parts;
};

/// X-vectors first: their head has a projector and a classifier too.
const std::vector<HeadKind> kKinds = {
    {OutputKind::embedding,
     "verification",
     "tdnn.0.kernel.weight",
     "objective.weight",
     {"projector", "tdnn", "feature_extractor", "classifier", "objective"}},
    {OutputKind::labels, "classify", "projector.weight", "classifier.weight", {"projector", "classifier"}},
    {OutputKind::transcript, "asr", "lm_head.weight", "lm_head.weight", {"lm_head"}},
};

constexpr const char* kLayerWeights = "layer_weights";
constexpr const char* kVocabulary = "vocab.json";

/// "tdnn.0.kernel.weight" -> "tdnn"
std::string part_of(const std::string& name) { return name.substr(0, name.find('.')); }

bool contains(const std::vector<std::string>& parts, const std::string& part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

/// All tensors of heads; those of `own` take the place of the base's.
ParameterList head_tensors(const ParameterList& own, const LoadedBackbone& base) {
  ParameterList all = own;
  for (const NamedTensor& tensor : base.unused) {
    if (is_head_tensor(tensor.name) && find_tensor(own, tensor.name) == nullptr) all.push_back(tensor);
  }
  return all;
}

/// "Wav2Vec2ForPreTraining", where the config says it.
std::string class_of(const LoadedBackbone& base) {
  const nlohmann::json& config = base.backbone->config().raw;
  const nlohmann::json names = config.is_object() ? config.value("architectures", nlohmann::json()) : nlohmann::json();
  return names.is_array() && !names.empty() && names[0].is_string() ? names[0].get<std::string>() : "model";
}

/// A head of its own counts before the base's.
const HeadKind& find_kind(const ParameterList& own, const ParameterList& all, const LoadedBackbone& base,
                          const std::string& origin) {
  for (const ParameterList* tensors : {&own, &all}) {
    for (const HeadKind& kind : kKinds) {
      const bool has_outputs = find_tensor(*tensors, kind.outputs) != nullptr;
      if (has_outputs && find_tensor(all, kind.mark) != nullptr) return kind;
    }
  }
  fail(
      "{}: this {} has no head for labels, transcripts or voices (…ForSequenceClassification, …ForCTC, …ForXVector): "
      "train one on it (sure train --model), or pass the adapter that goes with it with --adapter",
      origin, class_of(base));
}

std::string choose_task(const HeadKind& kind, const std::string& wanted, const std::string& origin) {
  if (wanted.empty()) return kind.task;
  const Task& task = find_task(wanted);
  if (task.output == kind.output) return task.name;
  fail_usage("--task {}: the head in {} is one for {}; leave --task out", wanted, origin, kind.task);
}

std::vector<std::string> numbered_labels(size_t count) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < count; ++i) labels.push_back(fmt::format("LABEL_{}", i));
  return labels;
}

/// id2label of a config.json; empty where it is not one name for each of `count` classes.
Labels labels_of_config(const nlohmann::json& config, size_t count) {
  const nlohmann::json names = config.is_object() ? config.value("id2label", nlohmann::json()) : nlohmann::json();
  if (!names.is_object() || names.size() != count) return {};
  Labels labels;
  for (size_t i = 0; i < count; ++i) {
    const auto name = names.find(std::to_string(i));
    if (name == names.end() || !name->is_string()) return {};
    labels.push_back(*name);
  }
  return labels;
}

Labels class_names(const ForeignNames& names, const LoadedBackbone& base, size_t count, const std::string& origin) {
  if (!names.labels.empty() && names.labels.size() != count) {
    fail_usage("--labels names {} classes, but the classifier of {} has {}", names.labels.size(), origin, count);
  }
  if (!names.labels.empty()) return names.labels;
  const Labels labels = labels_of_config(base.backbone->config().raw, count);
  return labels.empty() ? numbered_labels(count) : labels;
}

Vocabulary tokens(const ForeignNames& names, const std::vector<fs::path>& folders, size_t count,
                  const std::string& origin) {
  const auto folder = std::find_if(folders.begin(), folders.end(), [](const fs::path& path) {
    return fs::exists(path / kVocabulary) || fs::exists(path / "tokenizer.json");
  });
  if (folder == folders.end()) {
    fail("{}: a model that writes transcripts, without its {}: put the tokenizer's files into {}", origin, kVocabulary,
         folders.back().string());
  }
  return read_vocabulary(*folder / kVocabulary, names.language, static_cast<int64_t>(count));
}

/// References in the case that the tokens are in, with the punctuation that they have.
TextOptions text_of(const Labels& labels) {
  bool has_lower = false, has_upper = false;
  TextOptions text;
  for (const std::string& token : labels) {
    if (characters(token).size() != 1) continue;  // "<pad>", "[UNK]"
    has_lower = has_lower || upper_case(token) != token;
    has_upper = has_upper || lower_case(token) != token;
    if (const size_t at = text.remove_punctuation.find(token); at != std::string::npos) {
      text.remove_punctuation.erase(at, token.size());
    }
  }
  text.letter_case = has_lower && has_upper ? "keep" : has_upper ? "upper" : "lower";
  return text;
}

/// transformers 5 sums the last layer's output without the final norm, unless the config says otherwise; 4 always with.
bool final_norm_in_layer_sum(const nlohmann::json& config) {
  const auto tied = config.find("tie_last_hidden_states");
  if (tied != config.end() && tied->is_boolean()) return *tied;
  const auto version = config.find("transformers_version");
  return version != config.end() && version->is_string() && version->get<std::string>().starts_with("4.");
}

HeadOptions head_options(const HeadKind& kind, const ParameterList& tensors, const nlohmann::json& config) {
  HeadOptions options;
  options.use_weighted_layer_sum = find_tensor(tensors, kLayerWeights) != nullptr;
  if (options.use_weighted_layer_sum) options.final_norm_in_layer_sum = final_norm_in_layer_sum(config);
  if (kind.output == OutputKind::labels) options.classifier_proj_size = find_tensor(tensors, kind.outputs)->size(-1);
  return options;
}

/// Those of this kind of head alone, fp32.
ParameterList chosen_tensors(const HeadKind& kind, const ParameterList& tensors, const LoadedBackbone& base) {
  const nlohmann::json& config = base.backbone->config().raw;
  const bool weighted =
      kind.output != OutputKind::transcript && config.is_object() && config.value("use_weighted_layer_sum", false);
  ParameterList chosen;
  for (const NamedTensor& tensor : tensors) {
    const bool belongs = tensor.name == kLayerWeights ? weighted : contains(kind.parts, part_of(tensor.name));
    if (belongs) chosen.push_back({tensor.name, tensor.value.to(at::kFloat)});
  }
  return chosen;
}

}  // namespace

bool is_head_tensor(const std::string& name) {
  return name == kLayerWeights || std::any_of(kKinds.begin(), kKinds.end(), [&](const HeadKind& kind) {
           return name.find('.') != std::string::npos && contains(kind.parts, part_of(name));
         });
}

SavedAdapter find_foreign_head(const ParameterList& own, const LoadedBackbone& base, const ForeignNames& names,
                               const std::vector<fs::path>& folders, const std::string& origin) {
  const ParameterList all = head_tensors(own, base);
  const HeadKind& kind = find_kind(own, all, base, origin);
  const ParameterList tensors = chosen_tensors(kind, all, base);
  const Tensor& outputs = *find_tensor(tensors, kind.outputs);
  if (outputs.dim() != 2) fail("{}: tensor '{}' is no matrix", origin, kind.outputs);
  const auto count = static_cast<size_t>(outputs.size(kind.output == OutputKind::embedding ? 1 : 0));

  SavedAdapter head;
  head.fingerprint = base.fingerprint;
  head.spec.task = choose_task(kind, names.task, origin);
  head.spec.tuning.method = "head";
  head.spec.head = head_options(kind, tensors, base.backbone->config().raw);
  head.spec.target.language = names.language;
  for (const NamedTensor& tensor : tensors) head.tensors.push_back({"head." + tensor.name, tensor.value});
  if (kind.output == OutputKind::transcript) {
    const Vocabulary vocabulary = tokens(names, folders, count, origin);
    head.spec.labels = vocabulary.tokens();
    head.spec.roles = vocabulary.roles();
    Labels written;
    for (const std::string& token : vocabulary.tokens()) written.push_back(vocabulary.written(token));
    head.spec.target.text = text_of(written);
  } else {
    head.spec.labels = class_names(names, base, count, origin);
  }
  return head;
}

bool are_placeholders(const Labels& labels) { return labels == numbered_labels(labels.size()); }

ModelOptions foreign_model_options(const std::string& model) {
  ModelOptions options;
  options.model = model;
  options.padding = Padding::exact;
  return options;
}

}  // namespace sure
