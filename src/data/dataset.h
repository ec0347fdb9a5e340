// A data set: labelled clips in three splits, found by a reader that knows one corpus' layout on disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sure {

/// One clip and what is asked of it.
struct Example {
  std::filesystem::path path;
  /// By task: a class name; "action|object|location" (intent); a transcript as the corpus writes it (asr, phoneme); a
  /// transcript with slot marks, "play B-artist kent james E-artist" (slot); the speaker (speaker, verification).
  std::string target;
  std::string speaker;  // empty where the corpus has none
};

struct Dataset {
  std::vector<Example> train;
  std::vector<Example> valid;
  std::vector<Example> test;
  /// Class names in the corpus' own order, where it has one; else empty.
  std::vector<std::string> labels;
  /// The targets of a phoneme task are ARPAbet symbols already, not words.
  bool targets_are_phonemes = false;
  /// In the folder of a corpus with one folder each, of which one was read; else empty.
  std::vector<std::string> languages;
  /// What a person should know: files that a list names and the disk lacks, splits that had to be made.
  std::vector<std::string> notes;
};

struct DataOptions {
  std::string dataset;
  std::string data_dir;
  // These speakers' clips make up the split, whatever the corpus says; what else was in it joins training.
  std::vector<std::string> valid_speakers;
  std::vector<std::string> test_speakers;
  int64_t split_seed = 1314;    // where a reader has to draw splits itself
  bool allow_missing = false;   // go on when files that a list names are absent
  int64_t clips_per_class = 0;  // > 0: keep only that many training clips of each class (low-data runs)
};

template <class Visitor>
void visit_options(DataOptions& o, Visitor&& visit) {
  visit("dataset", o.dataset,
        "corpus: esd, meld, iemocap, speech_commands, vctk, fsdd, fluent_speech_commands, audio_snips, librispeech, "
        "fleurs, "
        "voxpopuli, folder or manifest");
  visit("data_dir", o.data_dir, "its folder (manifest: the CSV, TSV or JSON-lines file)");
  visit("valid_speakers", o.valid_speakers, "validate on these speakers");
  visit("test_speakers", o.test_speakers, "test on these speakers, heard nowhere else");
  visit("split_seed", o.split_seed, "seed of splits that the corpus does not define");
  visit("allow_missing", o.allow_missing, "go on when listed files are absent");
  visit("clips_per_class", o.clips_per_class, "train on that many clips of each class only; 0 = all");
}

/// A corpus: one row of the table.
struct DatasetReader {
  std::string name;
  std::string help;  // its layout in one line
  /// Tasks whose labels it has; the first is the default. Names of tasks/task.h.
  std::vector<std::string> tasks;
  Dataset (*read)(const DataOptions& options, const std::string& task);
};

const std::vector<DatasetReader>& dataset_readers();

/// Reads by name, applies the options that hold for every corpus, and checks the result: throws Error for a missing
/// folder, a wrong layout («expected … found …») or an empty training split.
Dataset read_dataset(const DataOptions& options, const std::string& task);

}  // namespace sure
