#include "model/python_lines.h"

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "model/export.h"
#include "model/hf_config.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

/// As a string of Python.
std::string quoted(const std::string& text) { return json_line(nlohmann::json(text)); }

/// What the base must be told: its own head may be another, and PEFT keeps no sizes.
std::string head_arguments(const AdaptedModel& model) {
  std::string arguments;
  for (const NamedTensor& tensor : tensors_below(model.trained(), "head.")) {
    if (tensor.name == "lm_head.weight") arguments += fmt::format(", vocab_size={}", tensor.value.size(0));
    if (tensor.name == "classifier.weight") arguments += fmt::format(", num_labels={}", tensor.value.size(0));
    if (tensor.name == "projector.weight") arguments += fmt::format(", classifier_proj_size={}", tensor.value.size(0));
  }
  return arguments + ", ignore_mismatched_sizes=True";
}

std::string load_lines(const AdaptedModel& model, ExportKind kind, const fs::path& folder) {
  const std::string name = transformers_class(model);
  if (kind == ExportKind::whole_model) {
    return fmt::format("model = {}.from_pretrained({}).eval()\n", name, quoted(folder.string()));
  }
  return fmt::format(
      "base = {}.from_pretrained({}{})\n"
      "model = PeftModel.from_pretrained(base, {}).eval()\n",
      name, quoted(base_folder(model.spec().model.model)), head_arguments(model), quoted(folder.string()));
}

std::string audio_lines(const AdaptedModel& model, const fs::path& folder) {
  const CollateOptions collate = model.collate_options();
  const bool pads = collate.padding == Padding::max_length;
  const std::string cut = collate.max_samples > 0 ? fmt::format("[:{}]", collate.max_samples) : "";
  std::string lines = fmt::format(
      "extractor = Wav2Vec2FeatureExtractor.from_pretrained({})\n"
      "samples, rate = soundfile.read(\"clip.wav\", dtype=\"float32\", always_2d=True)  # must be 16 kHz\n"
      "samples = samples.mean(axis=1){}\n"
      "audio = extractor(samples, sampling_rate=rate, return_tensors=\"pt\").input_values\n",
      quoted(folder.string()), cut);
  if (!pads) return lines;
  if (model.backbone().config().return_attention_mask) {
    lines += fmt::format("mask = (torch.arange({}) < audio.shape[1]).long()[None]\n", collate.max_samples);
  }
  return lines + fmt::format("audio = torch.nn.functional.pad(audio, (0, {} - audio.shape[1]))\n", collate.max_samples);
}

std::string forward_lines(const AdaptedModel& model, const fs::path& folder) {
  const bool masked =
      model.collate_options().padding == Padding::max_length && model.backbone().config().return_attention_mask;
  std::string lines =
      fmt::format("with torch.no_grad():\n    output = model(audio{})\n", masked ? ", attention_mask=mask" : "");
  if (model.task().output == OutputKind::embedding) return lines + "embedding = output.embeddings[0]\n";
  lines += "logits = output.logits[0]\n";
  if (model.task().output == OutputKind::labels) {
    return lines +
           fmt::format("labels = {}\nprint(labels[logits.argmax()])\n", json_line(nlohmann::json(model.spec().labels)));
  }
  return lines + fmt::format(
                     "tokenizer = Wav2Vec2Processor.from_pretrained({}).tokenizer\n"
                     "print(tokenizer.decode(logits.argmax(-1)))\n",
                     quoted(folder.string()));
}

}  // namespace

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> table = {{"peft", export_peft, ExportKind::peft},
                                                  {"hf", export_hf, ExportKind::whole_model}};
  return table;
}

std::string python_lines(const AdaptedModel& model, ExportKind kind, const fs::path& folder) {
  if (kind == ExportKind::peft && is_random_backbone(model.spec().model.model)) {
    return fmt::format("# The backbone {} is built into sure: PEFT needs a folder; export --to hf instead.\n",
                       model.spec().model.model);
  }
  std::string names = transformers_class(model) + ", Wav2Vec2FeatureExtractor";
  if (model.task().output == OutputKind::transcript) names += ", Wav2Vec2Processor";
  std::string lines = fmt::format("import soundfile\nimport torch\nfrom transformers import {}\n", names);
  if (kind == ExportKind::peft) lines += "from peft import PeftModel\n";
  return lines + "\n" + load_lines(model, kind, folder) + audio_lines(model, folder) + forward_lines(model, folder);
}

void write_use(const AdaptedModel& model, ExportKind kind, const fs::path& folder, const fs::path& written) {
  write_file(written / "README.md",
             fmt::format("Exported by sure. In Python:\n\n```python\n{}```\n", python_lines(model, kind, folder)));
}

}  // namespace sure
