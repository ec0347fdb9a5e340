#include "data/dataset.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/registry.h"
#include "data/datasets/readers.h"
#include "data/file_account.h"
#include "data/folds.h"
#include "data/own_collections.h"
#include "data/split_checks.h"
#include "data/splits.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void check_request(const DatasetReader& reader, const DataOptions& options) {
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

/// Where a pattern's paths begin.
fs::path base_of(const fs::path& data_dir) { return fs::is_directory(data_dir) ? data_dir : data_dir.parent_path(); }

std::vector<Example> all_clips(const Dataset& data) {
  std::vector<Example> clips;
  for (const auto* part : all_parts(data)) append(clips, *part);
  return clips;
}

/// Texts of speakers who must be heard in training are spread over these: every text is another one.
GroupKey spread_for(const Wanted& wanted) {
  const bool by_speaker = is_transcript(wanted.field) && wanted.splits == SplitPolicy::heard_speakers;
  return by_speaker ? speaker_of : spread_for(wanted.splits);
}

/// Takes splits away that the task cannot use.
void fit_splits(SpeakersOfSplits speakers, SplitPolicy policy, Dataset& data) {
  if (speakers == SpeakersOfSplits::apart && policy == SplitPolicy::heard_speakers) {
    const size_t others = all_clips(data).size() - data.train.size();
    if (others > 0 && !data.train.empty()) {
      data.notes.push_back(fmt::format("{} of the corpus' other parts left out: their speakers are not in training",
                                       counted(static_cast<int64_t>(others), "clip")));
    }
    data.unsplit = std::exchange(data.train, {});  // the others' speakers are heard nowhere else
    for (auto* part : {&data.valid, &data.test}) part->clear();
    data.further.clear();
    data.own_names.clear();
  }
  if (speakers == SpeakersOfSplits::shared && policy == SplitPolicy::new_speakers) {
    data.unsplit = all_clips(data);
    for (auto* part : {&data.train, &data.valid, &data.test}) part->clear();
    std::sort(data.unsplit.begin(), data.unsplit.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  }
}

Dataset read_parts(const DatasetReader& reader, const DataOptions& options, const Wanted& wanted) {
  check_request(reader, options);
  check_folds(options);
  Dataset data = choose_targets(reader.read(options, wanted), wanted.field);
  if (reader.draws_splits && !data.spread_by) data.spread_by = spread_for(wanted);
  fit_splits(reader.speakers, wanted.splits, data);
  const bool transcripts = is_transcript(wanted.field);
  const std::string unreadable = leave_out_unreadable(data, transcripts);
  const bool is_told = reader.name == "folder";  // it accounts for all files
  if (!unreadable.empty() && !is_told) data.notes.push_back(unreadable);
  if (!options.speaker_pattern.empty()) {
    apply_speaker_pattern(data, options.speaker_pattern, base_of(options.data_dir), is_speaker(wanted.field));
  }
  if (is_own_collection(reader) && !transcripts) unify_labels(data);
  return data;
}

/// The same, one fold of it where folds are asked for.
Dataset read_fold(const DatasetReader& reader, const DataOptions& options, const Wanted& wanted) {
  if (!options.folds.empty() && options.fold == 0) fail_usage("--folds {}: which one? give --fold", options.folds);
  Dataset data = read_parts(reader, options, wanted);
  if (options.fold > 0) take_fold(data, options, wanted.splits, reader.official_splits);
  return data;
}

/// The parts with clips that a corpus names.
std::vector<NamedPart> named_parts(const Dataset& data) {
  std::vector<NamedPart> parts = {{"train", data.train}, {"valid", data.valid}, {"test", data.test}};
  parts.insert(parts.end(), data.further.begin(), data.further.end());
  std::erase_if(parts, [](const NamedPart& part) { return part.examples.empty(); });
  return parts;
}

void note_splits(const DatasetReader& reader, SplitPolicy policy, Dataset& data) {
  note_shared_clips(data, /*by_content=*/is_own_collection(reader));
  note_shared_speakers(policy, data);
}

/// A corpus of which only validation clips are here is trained on them. Test clips stay apart.
void train_on_valid_if_alone(SplitPolicy policy, Dataset& data) {
  if (!data.train.empty() || !data.unsplit.empty() || data.valid.empty()) return;
  data.notes.push_back(fmt::format("no training clips: the {} validation clips are trained on", data.valid.size()));
  if (!data.spread_by) data.spread_by = spread_for(policy);
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
      {.name = "esd",
       .help = "<speaker>/<Emotion>/{train,evaluation,test}/*.wav, <speaker>/<speaker>.txt",
       .fields = {Field::emotion, Field::speaker, Field::text, Field::phonemes},
       .read = &read_esd,
       .benchmark = {Field::emotion, Field::speaker, Field::text}},
      {.name = "speech_commands",
       .help = "<word>/*.wav, testing_list.txt, validation_list.txt",
       .fields = {Field::keyword, Field::text},
       .read = &read_speech_commands,
       .official_splits = true,
       .benchmark = {Field::keyword}},
      {.name = "vctk",
       .help = "[wav48_silence_trimmed|wav48|wav16]/<speaker>/*, txt/<speaker>/*.txt",
       .fields = {Field::speaker, Field::text, Field::phonemes, Field::voice},
       .read = &read_vctk,
       .draws_splits = true,
       .benchmark = {Field::speaker, Field::voice}},
      {.name = "fsdd",
       .help = "recordings/{digit}_{speaker}_{index}.wav",
       .fields = {Field::keyword, Field::speaker, Field::text, Field::phonemes, Field::voice},
       .read = &read_fsdd,
       .draws_splits = true,
       .speakers = SpeakersOfSplits::shared},
      {.name = "librispeech",
       .help = "{train-*,dev-*,test-*}/<speaker>/<chapter>/*.flac, *.trans.txt",
       .fields = {Field::text, Field::phonemes, Field::speaker, Field::voice},
       .read = &read_librispeech,
       .official_splits = true,
       .draws_splits = true,
       .speakers = SpeakersOfSplits::apart,
       .benchmark = {Field::text, Field::phonemes}},
      {.name = "libritts",
       .help = "{train-*,dev-*,test-*}/<speaker>/<chapter>/*.wav, *.normalized.txt",
       .fields = {Field::text, Field::phonemes, Field::speaker, Field::voice},
       .read = &read_libritts,
       .official_splits = true,
       .draws_splits = true,
       .speakers = SpeakersOfSplits::apart},
      {.name = "l2arctic",
       .help = "<speaker>/wav/*.wav, <speaker>/transcript/*.txt",
       .fields = {Field::text, Field::phonemes, Field::speaker, Field::voice},
       .read = &read_l2arctic,
       .draws_splits = true,
       .speakers = SpeakersOfSplits::shared},
      {.name = "ljspeech",
       .help = "metadata.csv (id|text|text read aloud), wavs/*.wav",
       .fields = {Field::text, Field::phonemes},
       .read = &read_ljspeech,
       .draws_splits = true},
      {.name = "fleurs",
       .help = "[<language>/]{train,dev,test}.tsv, audio/{train,dev,test}/*.wav",
       .fields = {Field::text},
       .read = &read_fleurs,
       .official_splits = true,
       .draws_splits = true,
       .benchmark = {Field::text}},
      {.name = "voxpopuli",
       .help = "[transcribed_data/<language>/]asr_{train,dev,test}.tsv, <year>/*.ogg",
       .fields = {Field::text},
       .read = &read_voxpopuli,
       .official_splits = true,
       .draws_splits = true,
       .benchmark = {Field::text}},
      {.name = "meld",
       .help = "{train,dev,test}_sent_emo.csv, {train,dev,test}/diaX_uttY.wav",
       .fields = {Field::emotion, Field::text},
       .read = &read_meld,
       .official_splits = true,
       .benchmark = {Field::emotion, Field::text}},
      {.name = "iemocap",
       .help = "Session<n>/dialog/EmoEvaluation/*.txt, Session<n>/sentences/wav/<dialog>/*.wav",
       .fields = {Field::emotion},
       .read = &read_iemocap,
       .benchmark = {Field::emotion}},
      {.name = "fluent_speech_commands",
       .help = "data/{train,valid,test}_data.csv, wavs/speakers/<speaker>/*.wav",
       .fields = {Field::intent, Field::text},
       .read = &read_fluent_speech_commands,
       .official_splits = true,
       .benchmark = {Field::intent}},
      {.name = "audio_snips",
       .help = "all.iob.snips.txt, slots.txt, {train,valid,test}/*.wav",
       .fields = {Field::slots, Field::text},
       .read = &read_audio_snips,
       .official_splits = true,
       .benchmark = {Field::slots}},
      {.name = "folder",
       .help = "[train|valid|test]/<label>/**; with texts: [train|valid|test]/[<speaker>/]*, *.txt of the same names",
       .fields = {Field::label, Field::emotion, Field::speaker, Field::keyword, Field::voice, Field::text,
                  Field::phonemes},
       .read = &read_folder,
       .draws_splits = true},
      {.name = "manifest",
       .help = "CSV, TSV or JSON lines: path, label (or text, phonemes, action/object/location), speaker, split",
       .fields = {Field::label, Field::emotion, Field::speaker, Field::keyword, Field::intent, Field::slots,
                  Field::text, Field::phonemes, Field::voice},
       .read = &read_manifest,
       .draws_splits = true},
  };
  return kReaders;
}

std::string describe_splits(const Dataset& data) {
  return fmt::format("{} training, {} validation, {}", with_commas(std::ssize(data.train)),
                     with_commas(std::ssize(data.valid)), counted(std::ssize(data.test), "test clip"));
}

std::vector<const std::vector<Example>*> label_parts(const Dataset& data) {
  return data.for_evaluation ? all_parts(data) : std::vector{&data.train};
}

Field usual_field(const DataOptions& options) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  std::error_code ignored;
  const bool reads_columns = reader.name == "manifest" && fs::exists(options.data_dir, ignored);
  return reads_columns ? usual_manifest_field(options) : reader.fields.front();
}

Dataset choose_targets(Utterances corpus, Field field) {
  Dataset data;
  if (corpus.classes.first == field) data.labels = std::move(corpus.classes.second);
  for (const CorpusPart<Utterance>& part : corpus.further) data.further.push_back({part.name, {}});
  const auto targets = all_parts(data);
  const auto clips = all_parts(corpus);
  for (size_t i = 0; i < clips.size(); ++i) {
    for (Utterance& clip : *clips[i]) {
      std::string target = value_of(clip, field);
      std::string speaker = is_speaker(field) ? target : std::move(clip.speaker);
      targets[i]->push_back({std::move(clip.path), std::move(target), std::move(speaker)});
    }
  }
  static_cast<CorpusFacts&>(data) = std::move(corpus);
  return data;
}

std::vector<std::string> dataset_names() { return names_of(dataset_readers()); }

Dataset read_for_inspection(const DataOptions& options, const Wanted& wanted) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_fold(reader, options, wanted);
  if (options.allow_missing) train_on_valid_if_alone(wanted.splits, data);
  const Draws draws = draw_missing_splits(wanted.splits, data, options.split_seed);
  assign_speakers(data, options, reader.official_splits);
  note_draws(draws, options, data);
  keep_clips_per_class(data, options.clips_per_class, options.split_seed);
  note_splits(reader, wanted.splits, data);
  const bool has_classes = !is_transcript(wanted.field) && wanted.splits != SplitPolicy::new_speakers;
  if (is_own_collection(reader) && has_classes) note_poor_labels(data);
  if (data.valid.empty()) data.notes.emplace_back("the validation split is empty");
  if (data.test.empty()) data.notes.emplace_back("the test split is empty");
  return data;
}

Dataset read_dataset(const DataOptions& options, const Wanted& wanted) {
  Dataset data = read_for_inspection(options, wanted);
  if (!data.train.empty()) return data;
  fail("{}: found no training clips{}, expected {}", options.data_dir,
       data.valid.empty() ? "" : " (--allow_missing trains on the validation clips)",
       find_row(dataset_readers(), options.dataset, "data set").help);
}

Dataset read_for_evaluation(const DataOptions& options, const Wanted& wanted) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_fold(reader, options, wanted);
  data.for_evaluation = true;
  assign_speakers(data, options, reader.official_splits);
  note_splits(reader, wanted.splits, data);
  return data;
}

std::vector<std::string> read_fold_names(const DataOptions& options, const Wanted& wanted) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  Dataset data = read_parts(reader, options, wanted);
  return fold_names(clips_to_fold(data, reader.official_splits), options, wanted.splits);
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
  const std::string name = own == data.own_names.end() ? canonical_name(split) : name_of(own->second);
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
