// A data set: labelled clips in three splits, found by a reader that knows one corpus' layout on disk.
// `read_dataset` reads for training, and draws the splits that the corpus lacks; `read_for_evaluation` draws nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/options.h"
#include "data/utterance.h"

namespace sure {

/// One clip and its target.
struct Example {
  std::filesystem::path path;
  std::string target;   // the field that a task wants, as Utterance has it
  std::string speaker;  // empty where the corpus has none
};

/// The property that is spread evenly over the splits: a label, a speaker, both.
using GroupKey = std::function<std::string(const Example&)>;

/// A further part of a corpus, by its own name.
template <class Clip>
struct CorpusPart {
  std::string name;
  std::vector<Clip> examples;
};
using NamedPart = CorpusPart<Example>;

/// Facts about a corpus as a whole.
struct CorpusFacts {
  /// The corpus' own names of the three splits, by which they can be asked for too: "test-clean" is the test split.
  std::map<std::string, Split> own_names;
  /// How to draw splits that the corpus lacks; none = they stay empty.
  GroupKey spread_by;
  /// The targets of a phoneme task are ARPAbet symbols already, not words.
  bool targets_are_phonemes = false;
  /// In the folder of a corpus with one folder each, of which one was read; else empty.
  std::vector<std::string> languages;
  /// For the user: files that a list names and the disk lacks, splits that had to be made.
  std::vector<std::string> notes;
};

/// Clips in their parts.
template <class Clip>
struct CorpusClips : CorpusFacts {
  std::vector<Clip> train;
  std::vector<Clip> valid;
  std::vector<Clip> test;
  /// Clips that the corpus puts in no split: `read_dataset` spreads them over the three, evaluation leaves them here.
  std::vector<Clip> unsplit;
  /// Parts that are measured only when they are asked for by name, and never trained on: LibriSpeech's "test-other".
  std::vector<CorpusPart<Clip>> further;
};

/// A corpus as its reader returns it.
struct Utterances : CorpusClips<Utterance> {
  /// Class names of one field in the corpus' own order, where it has one.
  std::pair<Field, std::vector<std::string>> classes;
};

struct Dataset : CorpusClips<Example> {
  /// Read for evaluation: no split needs to be there.
  bool for_evaluation = false;
  /// Class names in the corpus' own order, where it has one; else empty.
  std::vector<std::string> labels;
};

/// How clips are split where the corpus leaves it open, and which splits a task can use.
enum class SplitPolicy {
  by_class,        // classes spread evenly
  heard_speakers,  // the same, and who is tested must have been heard in training
  new_speakers,    // who is tested must not have been heard in training
  transcripts      // by speaker where at least ten are named, else at random
};

/// A task's wishes of a corpus.
struct Wanted {
  Field field = Field::label;
  SplitPolicy splits = SplitPolicy::by_class;
  std::string task_of_texts = {};  // to be named where a corpus has texts too; empty = no note of them
};

/// The readable corpora for a help line.
std::vector<std::string> dataset_names();

struct DataOptions {
  std::string dataset;
  std::string data_dir;
  // These speakers' clips make up the split, whatever the corpus says; its other clips join training.
  std::vector<std::string> valid_speakers;
  std::vector<std::string> test_speakers;
  int64_t split_seed = 1314;        // where a reader has to draw splits itself
  bool allow_missing = false;       // go on when files that a list names are absent
  bool splits_in_folders = true;    // `folder`: train/, dev/, test/ … are splits, else labels
  std::string speaker_pattern;      // `folder`, `manifest`: finds the speaker in a clip's path
  std::vector<std::string> column;  // `manifest`: "path=clip": their names of our columns
  std::string folds;                // of a cross-validation: "speaker" or their number; see data/folds.h
  int64_t fold = 0;                 // the one that is the test part, from 1
  int64_t clips_per_class = 0;      // > 0: keep only that many training clips of each class (low-data runs)
};

template <class Visitor>
void visit_options(DataOptions& o, Visitor&& visit) {
  visit("dataset", o.dataset, Declaration("corpus").one_of(dataset_names()));
  visit("data_dir", o.data_dir,
        Declaration("its folder (manifest: the CSV, TSV, JSON-lines or JSON file, or the folder of a metadata.csv)")
            .free_on_resume());
  visit("valid_speakers", o.valid_speakers, "validate on these speakers");
  visit("test_speakers", o.test_speakers, "test on these speakers, heard nowhere else");
  visit("folds", o.folds,
        "cross-validation: speaker (each speaker is the test once) or a number of folds, a speaker's clips together");
  visit("fold", o.fold,
        Declaration("with folds: only this one, from 1; 0 = train them all and average").range(0, kMostCounted));
  visit("split_seed", o.split_seed, Declaration("seed of splits that the corpus does not define").range(0, kMostExact));
  visit("allow_missing", o.allow_missing, Declaration("go on when listed files are absent").free_on_resume());
  visit("splits_in_folders", o.splits_in_folders,
        "folder: folders named train, dev, test, … are splits; False: they are labels");
  visit(
      "speaker_pattern", o.speaker_pattern,
      "folder, manifest: a regular expression whose first group is the speaker in a clip's path below data_dir, as in "
      "'([^_/]+)_[0-9]+'");
  visit("column", o.column, "manifest: columns of other names, as in path=clip,label=animal");
  visit("clips_per_class", o.clips_per_class,
        Declaration("train on that many clips of each class only; 0 = all").range(0, kMostCounted));
}

/// All parts, also the empty ones: train, valid, test, unsplit, further ones.
template <class Clip>
std::vector<std::vector<Clip>*> all_parts(CorpusClips<Clip>& data) {
  std::vector<std::vector<Clip>*> parts = {&data.train, &data.valid, &data.test, &data.unsplit};
  for (CorpusPart<Clip>& part : data.further) parts.push_back(&part.examples);
  return parts;
}

template <class Clip>
std::vector<const std::vector<Clip>*> all_parts(const CorpusClips<Clip>& data) {
  std::vector<const std::vector<Clip>*> parts = {&data.train, &data.valid, &data.test, &data.unsplit};
  for (const CorpusPart<Clip>& part : data.further) parts.push_back(&part.examples);
  return parts;
}

/// The parts whose targets say which labels there are: training; for evaluation, all.
std::vector<const std::vector<Example>*> label_parts(const Dataset& data);

/// "300 training, 40 validation, 60 test clips".
std::string describe_splits(const Dataset& data);

/// Whether a speaker of one official split is heard in another.
enum class SpeakersOfSplits { unsaid, shared, apart };

/// A corpus: one row of the table.
struct DatasetReader {
  std::string name;
  std::string help;  // its layout in one line
  /// Possible targets; the first is the usual one.
  std::vector<Field> fields;
  /// Fills the wanted field, and others that cost no further file.
  Utterances (*read)(const DataOptions& options, const Wanted& wanted);
  /// Its validation and test clips are official: none is trained on, whoever speaks.
  bool official_splits = false;
  /// Splits that it lacks are drawn; else they stay empty.
  bool draws_splits = false;
  SpeakersOfSplits speakers = SpeakersOfSplits::unsaid;
  /// Fields that the SURE benchmark asks of this corpus: there the original's lengths of clips are the default.
  std::vector<Field> benchmark = {};
};

const std::vector<DatasetReader>& dataset_readers();

/// The field that is meant where none is named: the data set's first; of a manifest the one that its columns call for
/// (label, text, …). Throws a usage Error for an unknown data set, and as reading a manifest does.
Field usual_field(const DataOptions& options);

/// The corpus' clips with the wanted field as their target.
Dataset choose_targets(Utterances corpus, Field field);

/// Reads by name, applies the options that hold for every corpus, and checks the result: throws Error for a missing
/// folder, a wrong layout («expected … found …») or an empty training split. `wanted`: one of the reader's fields.
Dataset read_dataset(const DataOptions& options, const Wanted& wanted);

/// The same for looking only: a training split need not be there.
Dataset read_for_inspection(const DataOptions& options, const Wanted& wanted);

/// The same for measuring: the corpus' own splits and, in `unsplit`, clips without one. Nothing is drawn, and no
/// split need be there.
Dataset read_for_evaluation(const DataOptions& options, const Wanted& wanted);

/// The names of the folds that options.folds asks for; see data/folds.h.
std::vector<std::string> read_fold_names(const DataOptions& options, const Wanted& wanted);

/// The split to measure on where none is named: "test", or "valid" where the data set has nothing else, which
/// `data.notes` then says.
std::string usual_split(Dataset& data);

/// The clips to measure on. `split`: train, valid, test (or dev, val, …), a part by its corpus' own name, or "all".
/// In a data set without splits, "test" is every clip, which `data.notes` then says. Throws a usage Error that lists
/// the parts.
std::vector<Example> select_split(Dataset& data, const std::string& split);

}  // namespace sure
