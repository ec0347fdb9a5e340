// sure export: an adapter as Python's PEFT or transformers reads it.
#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/run_lock.h"
#include "model/adapter_folder.h"
#include "model/export.h"
#include "model/export_voice.h"
#include "model/python_lines.h"
#include "tasks/synthesis.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// The lock lies beside the folder, which is replaced as a whole; where only the folder itself may be written to (a
/// mounted one) there is none.
void take_lock(const std::string& folder, std::optional<RunLock>& lock) {
  fs::path path = fs::weakly_canonical(fs::absolute(folder));
  if (!path.has_filename()) path = path.parent_path();
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) fail("--output_dir {}: cannot make this folder ({})", folder, error.message());
  if (::access(path.parent_path().c_str(), W_OK) != 0) return;
  lock.emplace(path.parent_path() / fmt::format(".{}.sure.lock", path.filename().string()), "sure export",
               "--output_dir " + folder);
  if (!lock->note().empty()) fmt::print(stderr, "note: {}\n", lock->note());
}

/// Whether it is an adapter of ours that speaks.
bool is_voice(const fs::path& adapter) {
  const fs::path path = find_adapter(adapter);
  return is_adapter_folder(path) && makes_speech(find_task(read_adapter_spec(path).task));
}

}  // namespace

int run_export(const Arguments& arguments) {
  FlagSet flags(
      "sure export",
      "Writes an adapter for Python. peft: lora and ia3, for PeftModel.from_pretrained. hf: a whole model "
      "with the\nadapter merged (finetune, lora, ia3, bitfit, language_adapter, head), for from_pretrained of "
      "transformers' class for the task, Wav2Vec2ForCTC for one.",
      "sure export --adapter output/best_model --to peft --output_dir exported");
  AdapterFlags adapter;
  std::string format;
  std::string folder;
  add_adapter_flags(flags, adapter);
  flags.group("Output");
  flags.add("to", format, Declaration("what reads it (needed)").one_of(names_of(export_formats())));
  flags.add("output_dir", folder, "a new folder (needed)");
  if (!flags.parse(arguments)) return 0;
  require_adapter(adapter);
  require_flag("to", format);
  require_flag("output_dir", folder);
  const ExportFormat& chosen = find_row(export_formats(), format, "--to");
  std::optional<RunLock> held;
  take_lock(folder, held);
  settle_folder(folder);
  require_own(folder, exported_folder());
  if (is_voice(adapter.adapter)) {
    const AdaptedVoice voice = AdaptedVoice::load(adapter.adapter, flags.given("model") ? adapter.model.model : "");
    export_voice(voice, format, folder);
    fmt::print("{}\n", folder);
    return 0;
  }
  if (!flags.given("bf16")) adapter.model.bf16 = false;  // exported weights are fp32
  if (!flags.given("int8")) adapter.model.int8 = false;
  const AdaptedModel model = load_model(adapter);
  chosen.write(model, folder);
  fmt::print("{}\n\n{}", folder, python_lines(model, chosen.kind, folder));
  return 0;
}

}  // namespace sure
