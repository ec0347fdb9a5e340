#include "core/error.h"
#include "vocoder/vocoder.h"

namespace sure {

namespace {

std::string describe(const MelOptions& mel) {
  return fmt::format("{} bins from {} to {} Hz, {} Hz, hop {}, {}", mel.bins, mel.lowest, mel.highest, mel.frames.rate,
                     mel.frames.hop, mel.log10 ? "log10" : "natural logarithm");
}

}  // namespace

void check_mel(const Vocoder& vocoder, const MelOptions& made, const std::filesystem::path& name) {
  const std::string wanted = describe(vocoder.mel()), found = describe(made);
  if (wanted == found) return;
  fail("{}: this vocoder takes other spectrograms ({}) than are made ({}); choose one that was trained on those",
       name.string(), wanted, found);
}

}  // namespace sure
