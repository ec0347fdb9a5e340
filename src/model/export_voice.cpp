#include "model/export_voice.h"

#include "core/error.h"
#include "core/registry.h"
#include "formats/peft_adapter.h"
#include "model/export.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void export_peft(const AdaptedVoice& voice, const fs::path& folder) {
  const TuningOptions& tuning = voice.spec().tuning;
  if (tuning.method != "lora") {
    fail_usage("export to peft: this adapter was trained by {}, only lora can be exported", tuning.method);
  }
  PeftAdapter peft;
  peft.rank = tuning.lora_rank;
  peft.alpha = tuning.lora_alpha;
  peft.target_modules = tuning.lora_targets;
  peft.base_model = base_folder(voice.spec().model.model);
  for (const NamedTensor& tensor : tensors_below(voice.trained(), "adapter.")) {
    peft.tensors.push_back({tensor.name + ".weight", tensor.value});
  }
  write_export(folder, [&](const fs::path& path) { write_peft_adapter(path, peft); });
}

void export_hf(const AdaptedVoice& voice, const fs::path& folder) {
  const TuningMethod& method = find_row(tuning_methods(), voice.spec().tuning.method, "method");
  if (!method.merges) {
    fail_usage("export to hf: adapters of {} stand beside the model's layers, which transformers does not have",
               method.name);
  }
  write_export(folder, [&](const fs::path& path) { voice.model()->write(path, voice.merged()); });
}

struct VoiceFormat {
  std::string name;
  void (*write)(const AdaptedVoice& voice, const fs::path& folder);
};

const std::vector<VoiceFormat> kFormats = {{"peft", export_peft}, {"hf", export_hf}};

}  // namespace

void export_voice(const AdaptedVoice& voice, const std::string& format, const fs::path& folder) {
  find_row(kFormats, format, "--to").write(voice, folder);
}

}  // namespace sure
