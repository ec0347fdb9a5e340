// A recording that is too long to hear at once, heard in parts: time grows with its length, memory does not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "model/adapted_model.h"
#include "predict/recording_statistics.h"

namespace sure {

/// How a recording is taken apart for a transcript, in samples and frames. All parts but the last are `length` long; of
/// each, the frames nearer than `side` to an end that the recording goes on behind are left to its neighbour, so that
/// the kept ones lie end to end and have heard what is around them.
struct ChunkPlan {
  int64_t length = 0;  // samples
  int64_t side = 0;    // samples: a sixth of the length, at most five seconds
  int64_t step = 0;    // samples from one part's start to the next one's: length - 2 side
  int64_t frame = 0;   // samples from one frame to the next
  int64_t side_frames() const { return side / frame; }
  int64_t step_frames() const { return step / frame; }
};

/// Parts of about `seconds`. Throws a usage Error naming --chunk where that is too short.
ChunkPlan plan_chunks(const BackboneConfig& config, double seconds);

/// A part's output, and the samples that have been heard with it.
using PartSink = std::function<void(const HeadOutput& output, int64_t heard)>;

/// The output for the whole recording of a CTC model, part by part, to `hear`: batches of one clip, [1, T, C], whose
/// frames follow one another as those of the whole. `limit` > 0: only so many samples.
void transcribe_in_chunks(const AdaptedModel& model, const std::filesystem::path& path, double chunk, int64_t limit,
                          const PartSink& hear);

/// The output of a model with one label a recording: the mean of its parts' logits by their number of frames, which for
/// a head that averages its frames is the logits of the whole. Logits fp32 [1, C]. `tell`: the samples heard, after
/// each part.
HeadOutput label_in_chunks(const AdaptedModel& model, const std::filesystem::path& path, double chunk, int64_t limit,
                           const std::function<void(int64_t heard)>& tell);

}  // namespace sure
