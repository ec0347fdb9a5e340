// The recordings that a model is pre-trained on: folders, files and lists -> clips with their lengths.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"
#include "data/dataset.h"
#include "train/observer.h"

namespace sure {

struct CorpusOptions {
  std::vector<std::string> audio;
  std::string exclude;
  double min_seconds = 0.3;
  double valid_share = 0.02;
};

template <class Visitor>
void visit_options(CorpusOptions& o, Visitor&& visit) {
  visit("audio", o.audio,
        Declaration("folders (with all below), audio files, and text files with a path a line (needed)")
            .free_on_resume());
  visit("exclude", o.exclude,
        Declaration("file with a name a line: clips, speakers' folders or patterns (*_george_*) that stay out of it")
            .free_on_resume());
  visit("min_seconds", o.min_seconds, Declaration("leave out shorter clips").range(0.1).free_on_resume());
  visit("valid_share", o.valid_share, Declaration("share of the clips to validate on").range(0, 0.5).free_on_resume());
}

struct Corpus {
  std::vector<Example> clips;    // path only: those to train on, then those to validate on
  std::vector<int64_t> samples;  // of each clip, at 16 kHz
  size_t training = 0;           // how many are to train on

  std::vector<Example> part(bool to_train) const;
  double seconds() const;
};

/// Tells `observer` what was left out and why. Which clips validate depends on the seed and each clip's file name only;
/// at least one does, unless the share is 0. Throws Error for what is missing or unreadable, naming it, and when no
/// clip is left to train on.
Corpus read_corpus(const CorpusOptions& options, int64_t seed, TrainObserver& observer);

}  // namespace sure
