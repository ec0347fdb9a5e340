#include "data/dataset.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/registry.h"
#include "data/datasets/readers.h"
#include "data/file_account.h"
#include "data/folds.h"
#include "data/label_names.h"
#include "data/speaker_pattern.h"
#include "data/split_checks.h"
#include "data/splits.h"
#include "data/transcripts.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void check_request(const DatasetReader& reader, const DataOptions& options, const std::string& task) {
  if (std::find(reader.tasks.begin(), reader.tasks.end(), task) == reader.tasks.end()) {
    fail_usage("data set '{}' has no labels for task '{}': use one of {}", reader.name, task,
               fmt::join(reader.tasks, ", "));
  }
  if (options.data_dir.empty()) fail_usage("--data_dir is missing: where is the data set '{}'?", reader.name);
  for (const auto& [flag, given] : {std::pair("--speaker_pattern", !options.speaker_pattern.empty()),
                                    std::pair("--column", !options.column.empty())}) {
    const bool fits = reader.name == "manifest" || (reader.name == "folder" && flag != std::string_view("--column"));
    if (given && !fits) fail_usage("{}: not for the data set '{}'; leave it out", flag, reader.name);
  }
  std::error_code error;
  if (!fs::exists(options.data_dir, error)) fail("{}: no such file or folder (--data_dir)", options.data_dir);
}

bool is_own_collection(const DatasetReader& reader) { return reader.name == "folder" || reader.name == "manifest"; }

bool speaker_is_target(const std::string& task) { return task == "speaker" || task == "verification"; }

/// Where a pattern's paths begin.
fs::path base_of(const fs::path& data_dir) { return fs::is_directory(data_dir) ? data_dir : data_dir.parent_path(); }

Dataset read_parts(const DatasetReader& reader, const DataOptions& options, const std::string& task) {
  check_request(reader, options, task);
  check_folds(options);
  Dataset data = reader.read(options, task);
  const std::string unreadable = leave_out_unreadable(data, has_transcripts(task));
  const bool is_told = reader.name == "folder";  // it accounts for all files
  if (!unreadable.empty() && !is_told) data.notes.push_back(unreadable);
  if (!options.speaker_pattern.empty()) {
    apply_speaker_pattern(data, options.speaker_pattern, base_of(options.data_dir), speaker_is_target(task));
  }
  if (is_own_collection(reader) && !has_transcripts(task)) unify_labels(data);
  return data;
}

/// The same, one fold of it where folds are asked for.
Dataset read_fold(const DatasetReader& reader, const DataOptions& options, const std::string& task) {
  if (!options.folds.empty() && options.fold == 0) fail_usage("--folds {}: which one? give --fold", options.folds);
  Dataset data = read_parts(reader, options, task);
  if (options.fold > 0) take_fold(data, options, task, reader.official_splits);
  return data;
}

template <class Part, class Data>
std::vector<Part> parts_in(Data& data) {
  std::vector<Part> parts = {&data.train, &data.valid, &data.test, &data.unsplit};
  for (auto& part : data.further) parts.push_back(&part.examples);
  return parts;
}

/// The parts with clips that a corpus names.
std::vector<NamedPart> named_parts(const Dataset& data) {
  std::vector<NamedPart> parts = {{"train", data.train}, {"valid", data.valid}, {"test", data.test}};
  parts.insert(parts.end(), data.further.begin(), data.further.end());
  std::erase_if(parts, [](const NamedPart& part) { return part.examples.empty(); });
  return parts;
}

std::vector<Example> all_clips(const Dataset& data) {
  std::vector<Example> clips;
  for (const auto* part : all_parts(data)) clips.insert(clips.end(), part->begin(), part->end());
  return clips;
}

void note_splits(const DatasetReader& reader, const std::string& task, Dataset& data) {
  note_shared_clips(data, /*by_content=*/is_own_collection(reader));
  note_shared_speakers(task, data);
}

/// What a person gets who has only a corpus' validation clips and goes on: training on them. Test clips stay apart.
void train_on_valid_if_alone(const std::string& task, Dataset& data) {
  if (!data.train.empty() || !data.unsplit.empty() || data.valid.empty()) return;
  data.notes.push_back(fmt::format("no training clips: the {} validation clips are trained on", data.valid.size()));
  if (!data.spread_by) data.spread_by = spread_for(task, target_of);
  (data.test.empty() ? data.unsplit : data.train) = std::exchange(data.valid, {});
}

/// "validation" as "valid"; a name that is none as it is.
std::string canonical_name(const std::string& name) {
  const std::optional<Split> split = find_split(name);
  return split ? name_of(*split) : name;
}

void note_unsplit(Dataset& data, const std::string& split) {
  if (data.unsplit.empty()) return;
  data.notes.push_back(fmt::format("{} in no split: --split {} leaves out what --split all takes",
                                   counted(std::ssize(data.unsplit), "clip"), split));
}

[[noreturn]] void refuse_split(const Dataset& data, const std::vector<NamedPart>& parts, const std::string& split) {
  std::vector<std::string> names;
  for (const NamedPart& part : parts)
    names.push_back(fmt::format("{} ({})", part.name, counted(std::ssize(part.examples), "clip")));
  if (!data.unsplit.empty()) names.push_back(fmt::format("{} in no split", counted(std::ssize(data.unsplit), "clip")));
  fail_usage("--split {}: no such clips in this data set, which has {}; 'all' takes everything", split,
             names.empty() ? "none at all" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

const std::vector<DatasetReader>& dataset_readers() {
  static const std::vector<DatasetReader> kReaders = {
      {"esd",
       "<speaker>/<Emotion>/{train,evaluation,test}/*.wav, <speaker>/<speaker>.txt",
       {"emotion", "speaker", "asr", "phoneme"},
       &read_esd,
       /*official_splits=*/false,
       {"emotion", "speaker", "asr"}},
      {"speech_commands",
       "<word>/*.wav, testing_list.txt, validation_list.txt",
       {"keyword", "asr"},
       &read_speech_commands,
       /*official_splits=*/true,
       {"keyword"}},
      {"vctk",
       "[wav48_silence_trimmed|wav48|wav16]/<speaker>/*, txt/<speaker>/*.txt",
       {"speaker", "asr", "phoneme", "verification"},
       &read_vctk,
       /*official_splits=*/false,
       {"speaker", "verification"}},
      {"fsdd",
       "recordings/{digit}_{speaker}_{index}.wav",
       {"keyword", "speaker", "asr", "phoneme", "verification"},
       &read_fsdd},
      {"librispeech",
       "{train-*,dev-*,test-*}/<speaker>/<chapter>/*.flac, *.trans.txt",
       {"asr", "phoneme", "speaker", "verification"},
       &read_librispeech,
       /*official_splits=*/true,
       {"asr", "phoneme"}},
      {"fleurs",
       "[<language>/]{train,dev,test}.tsv, audio/{train,dev,test}/*.wav",
       {"asr"},
       &read_fleurs,
       /*official_splits=*/true,
       {"asr"}},
      {"voxpopuli",
       "[transcribed_data/<language>/]asr_{train,dev,test}.tsv, <year>/*.ogg",
       {"asr"},
       &read_voxpopuli,
       /*official_splits=*/true,
       {"asr"}},
      {"meld",
       "{train,dev,test}_sent_emo.csv, {train,dev,test}/diaX_uttY.wav",
       {"emotion", "asr"},
       &read_meld,
       /*official_splits=*/true,
       {"emotion", "asr"}},
      {"iemocap",
       "Session<n>/dialog/EmoEvaluation/*.txt, Session<n>/sentences/wav/<dialog>/*.wav",
       {"emotion"},
       &read_iemocap,
       /*official_splits=*/false,
       {"emotion"}},
      {"fluent_speech_commands",
       "data/{train,valid,test}_data.csv, wavs/speakers/<speaker>/*.wav",
       {"intent", "asr"},
       &read_fluent_speech_commands,
       /*official_splits=*/true,
       {"intent"}},
      {"audio_snips",
       "all.iob.snips.txt, slots.txt, {train,valid,test}/*.wav",
       {"slot", "asr"},
       &read_audio_snips,
       /*official_splits=*/true,
       {"slot"}},
      {"folder",
       "[train|valid|test]/<label>/**",
       {"classify", "emotion", "speaker", "keyword", "verification"},
       &read_folder},
      {"manifest",
       "CSV, TSV or JSON lines: path, label (or text, phonemes, action/object/location), speaker, split",
       {"classify", "emotion", "speaker", "keyword", "intent", "slot", "asr", "phoneme", "verification"},
       &read_manifest},
  };
  return kReaders;
}

std::vector<std::vector<Example>*> all_parts(Dataset& data) { return parts_in<std::vector<Example>*>(data); }

std::vector<const std::vector<Example>*> all_parts(const Dataset& data) {
  return parts_in<const std::vector<Example>*>(data);
}

std::vector<const std::vector<Example>*> label_parts(const Dataset& data) {
  return data.for_evaluation ? all_parts(data) : std::vector{&data.train};
}

std::string usual_task(const DataOptions& options) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  std::error_code ignored;
  const bool reads_columns = reader.name == "manifest" && fs::exists(options.data_dir, ignored);
  return reads_columns ? usual_manifest_task(options) : reader.tasks.front();
}

const char* describe_datasets() {
  static const std::string text = "corpus: " + list_names(dataset_readers());
  return text.c_str();
}

bool is_benchmark_task(const DatasetReader& reader, const std::string& task) {
  const std::vector<std::string>& known = reader.benchmark_tasks;
  return std::find(known.begin(), known.end(), task) != known.end();
}

Dataset read_for_inspection(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_fold(reader, options, task);
  if (options.allow_missing) train_on_valid_if_alone(task, data);
  const Draws draws = draw_missing_splits(task, data, options.split_seed);
  assign_speakers(data, options, reader.official_splits);
  note_draws(draws, options, data);
  keep_clips_per_class(data, options.clips_per_class, options.split_seed);
  note_splits(reader, task, data);
  if (is_own_collection(reader) && !has_transcripts(task) && task != "verification") note_poor_labels(data);
  if (data.valid.empty()) data.notes.emplace_back("the validation split is empty");
  if (data.test.empty()) data.notes.emplace_back("the test split is empty");
  return data;
}

Dataset read_dataset(const DataOptions& options, const std::string& task) {
  Dataset data = read_for_inspection(options, task);
  if (!data.train.empty()) return data;
  fail("{}: found no training clips{}, expected {}", options.data_dir,
       data.valid.empty() ? "" : " (--allow_missing trains on the validation clips)",
       find_row(dataset_readers(), options.dataset, "data set").help);
}

Dataset read_for_evaluation(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_fold(reader, options, task);
  data.for_evaluation = true;
  assign_speakers(data, options, reader.official_splits);
  note_splits(reader, task, data);
  return data;
}

std::vector<std::string> read_fold_names(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_parts(reader, options, task);
  return fold_names(clips_to_fold(data, reader.official_splits), options, task);
}

std::string usual_split(Dataset& data) {
  if (data.valid.empty() || !data.train.empty() || !data.test.empty() || !data.further.empty()) return "test";
  data.notes.push_back(
      fmt::format("no test clips: the validation split's {} are evaluated", counted(std::ssize(data.valid), "clip")));
  return "valid";
}

std::vector<Example> select_split(Dataset& data, const std::string& split) {
  const std::vector<NamedPart> parts = named_parts(data);
  if (split == "all") return all_clips(data);
  const auto own = data.own_names.find(split);
  const std::string name = own == data.own_names.end() ? canonical_name(split) : own->second;
  const auto part = std::find_if(parts.begin(), parts.end(), [&](const NamedPart& p) { return p.name == name; });
  if (part != parts.end()) {
    note_unsplit(data, split);
    return part->examples;
  }
  if (!parts.empty() || name != "test") refuse_split(data, parts, split);
  data.notes.push_back(
      fmt::format("this data set has no splits: all its {} are evaluated, also any that a model was trained on",
                  counted(std::ssize(data.unsplit), "clip")));
  return data.unsplit;
}

}  // namespace sure
