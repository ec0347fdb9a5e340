#include "tts/acoustic_model.h"

#include <algorithm>

#include "core/error.h"
#include "core/json_fields.h"
#include "core/registry.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "tts/acoustic_kinds.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const AcousticKind* find_kind(const std::string& type) {
  const auto& kinds = acoustic_kinds();
  const auto row =
      std::find_if(kinds.begin(), kinds.end(), [&](const AcousticKind& kind) { return kind.name == type; });
  return row == kinds.end() ? nullptr : &*row;
}

std::string model_type(const nlohmann::json& config) {
  const bool has_type = config.is_object() && config.contains("model_type") && config["model_type"].is_string();
  return has_type ? config["model_type"].get<std::string>() : "";
}

AcousticFolder open(const fs::path& path, double dropout) {
  if (!fs::is_directory(path)) {
    fail("{}: no such folder; expected a model that speaks: {}", path.string(), list_rows(acoustic_kinds()));
  }
  return {path, read_json(path / "config.json"), has_checkpoint(path), dropout};
}

std::unique_ptr<AcousticModel> build(const AcousticFolder& folder, ParameterSource& source) {
  const std::string type = model_type(folder.config);
  if (const AcousticKind* kind = find_kind(type)) return kind->build(folder, source);
  fail("{}: model_type {} speaks nothing; expected {}", (folder.path / "config.json").string(), quote(type),
       list_names(acoustic_kinds()));
}

}  // namespace

const std::vector<AcousticKind>& acoustic_kinds() {
  static const std::vector<AcousticKind> kKinds = {
      {.name = "speecht5",
       .help = "SpeechT5ForTextToSpeech: characters, an x-vector, a spectrogram step by step (Ao et al. 2022)",
       .build = &build_speecht5},
      {.name = "fastspeech2",
       .help = "FastSpeech 2 with a learned alignment: phonemes, a speaker's embedding, a spectrogram at once (Ren et "
               "al. 2021), as the SURE paper adapts it",
       .build = &build_fastspeech2},
  };
  return kKinds;
}

bool is_acoustic_model(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  return fs::is_regular_file(file) && find_kind(model_type(read_json(file))) != nullptr;
}

LoadedAcousticModel load_acoustic_model(const fs::path& path, double dropout, uint64_t seed) {
  const AcousticFolder folder = open(path, dropout);
  LoadedAcousticModel loaded;
  loaded.is_fresh = !folder.has_weights;
  if (loaded.is_fresh) {
    loaded.model = build(folder, *seeded_source(seed));
  } else {
    ParameterList tensors = read_checkpoint_folder(path);
    check_finite_checkpoint(tensors, path);
    ListSource source(std::move(tensors), path.string());
    loaded.model = build(folder, source);
  }
  loaded.fingerprint = fingerprint(loaded.model->parameters());
  return loaded;
}

std::unique_ptr<AcousticModel> outline_acoustic_model(const fs::path& path) {
  return build(open(path, /*dropout=*/-1), *meta_source());
}

}  // namespace sure
