#include "tts/speaker_file.h"

#include "core/error.h"
#include "formats/npy.h"

namespace sure {

Tensor read_speaker(const std::filesystem::path& file, int64_t width) {
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
