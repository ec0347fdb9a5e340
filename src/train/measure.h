// A saved model measured on labelled clips, of its own run or any others.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "train/bad_clips.h"
#include "train/trainer.h"

namespace sure {

struct MeasureOptions {
  DataOptions data;
  bool draws_splits = false;  // those that the corpus lacks are drawn, as training does; else nothing is drawn
  std::string task;           // whose targets the data is read with; empty = the model's
  std::string split;          // as of select_split; empty = usual_split's
  int64_t batch_size = 8;
  DecodeOptions decode;
  bool skip_bad = false;
};

struct Measured {
  std::string split;
  std::vector<Example> clips;
  std::vector<std::string> notes;  // what a person should know of them
  std::vector<BadClip> bad;        // left out
  Evaluation evaluation;
};

/// The observer is told the notes, too. A world's processes share the clips, and each gets the whole result. Numbered
/// classes of a foreign model are renamed to the data's. Throws a usage Error for data without targets that the model
/// answers with, and Error for clips that are no good.
Measured measure(AdaptedModel& model, const MeasureOptions& options, TrainObserver& observer,
                 World& world = serial_world());

}  // namespace sure
