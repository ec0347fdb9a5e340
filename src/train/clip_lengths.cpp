#include "train/clip_lengths.h"

#include "data/audio_index.h"

namespace sure {

std::vector<int64_t> look_up_samples(const std::vector<Example>& examples, const std::filesystem::path& data_dir,
                                     TrainObserver& observer) {
  const auto progress = [&](size_t done, size_t total) {
    observer.on_preparation("looking up lengths", static_cast<int64_t>(done), static_cast<int64_t>(total));
  };
  std::vector<std::string> notes;
  std::vector<int64_t> samples = indexed_samples(examples, data_dir, notes, progress);
  for (const std::string& note : notes) observer.on_message(note);
  return samples;
}

}  // namespace sure
