// sure export: an adapter as Python's PEFT or transformers reads it.
#include <fmt/format.h>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "core/registry.h"

namespace sure {

namespace {

struct ExportFormat {
  std::string name;
  void (*write)(const AdaptedModel& model, const std::filesystem::path& folder);
};

const std::vector<ExportFormat> kFormats = {{"peft", export_peft}, {"hf", export_hf}};

}  // namespace

int run_export(const Arguments& arguments) {
  FlagSet flags("sure export",
                "Writes an adapter for Python. peft: a LoRA adapter for PeftModel.from_pretrained. hf: a whole model, "
                "for\nfinetune, language_adapter, head and LoRA (merged), for from_pretrained of transformers' class "
                "for the task, Wav2Vec2ForCTC for one.",
                "sure export --adapter output/best_model --to peft --output_dir exported");
  AdapterFlags adapter;
  std::string format;
  std::string folder;
  add_adapter_flags(flags, adapter);
  flags.group("Output");
  flags.add("to", format, "peft or hf (needed)");
  flags.add("output_dir", folder, "a new folder (needed)");
  if (!flags.parse(arguments)) return 0;
  require_flag("adapter", adapter.adapter);
  require_flag("to", format);
  require_flag("output_dir", folder);
  const ExportFormat& chosen = find_row(kFormats, format, "--to");
  if (!flags.given("bf16")) adapter.model.bf16 = false;  // exported weights are fp32
  if (!flags.given("int8")) adapter.model.int8 = false;
  chosen.write(AdaptedModel::load(adapter.adapter, adapter.model, read_labels(adapter.labels)), folder);
  fmt::print("{}\n", folder);
  return 0;
}

}  // namespace sure
