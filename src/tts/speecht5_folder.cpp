#include "core/error.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "formats/npy.h"
#include "tts/synthesiser.h"

namespace sure {

namespace fs = std::filesystem;

SpeechT5Folder load_speecht5(const fs::path& folder) {
  if (!fs::is_directory(folder)) fail("{}: no such folder; expected one of SpeechT5ForTextToSpeech", folder.string());
  const fs::path file = folder / "config.json";
  const SpeechT5Config config = parse_speecht5_config(read_json(file), file.string());
  ParameterList tensors = read_checkpoint_folder(folder);
  if (find_tensor(tensors, "speech_decoder_postnet.feat_out.weight") == nullptr) {
    fail("{}: this SpeechT5 makes no speech of text; get SpeechT5ForTextToSpeech (microsoft/speecht5_tts)",
         folder.string());
  }
  check_finite_checkpoint(tensors, folder);
  ListSource source(std::move(tensors), folder.string());
  SpeechT5Folder loaded;
  loaded.model = std::make_unique<SpeechT5>(Scope(source, loaded.parameters), config);
  return loaded;
}

Tensor read_speaker(const fs::path& file, int64_t width) {
  const Tensor values = read_npy(file);
  const bool fits = values.numel() == width && (values.dim() == 1 || (values.dim() == 2 && values.size(0) == 1));
  if (!fits) {
    fail("{}: has the shape [{}], expected one x-vector of {} numbers", file.string(), fmt::join(values.sizes(), ", "),
         width);
  }
  const Tensor speaker = values.flatten();
  if (!speaker.isfinite().all().item<bool>()) fail("{}: has numbers that are not finite", file.string());
  if (speaker.norm().item<double>() == 0) fail("{}: is all zeros, which is nobody's voice", file.string());
  return speaker;
}

}  // namespace sure
