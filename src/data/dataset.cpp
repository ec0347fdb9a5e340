#include "data/dataset.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/registry.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Labels = std::set<std::string>;

Labels labels_of(const std::vector<Example>& examples) {
  Labels labels;
  for (const Example& example : examples) labels.insert(example.target);
  return labels;
}

void check_request(const DatasetReader& reader, const DataOptions& options, const std::string& task) {
  if (std::find(reader.tasks.begin(), reader.tasks.end(), task) == reader.tasks.end()) {
    fail_usage("data set '{}' has no labels for task '{}': use one of {}", reader.name, task,
               fmt::join(reader.tasks, ", "));
  }
  if (options.data_dir.empty()) fail_usage("--data_dir is missing: where is the data set '{}'?", reader.name);
  std::error_code error;
  if (!fs::exists(options.data_dir, error)) fail("{}: no such file or folder (--data_dir)", options.data_dir);
}

void check_held_out(const std::vector<Example>& examples, std::string_view split, const Labels& trained,
                    Dataset& data) {
  if (examples.empty()) data.notes.push_back(fmt::format("the {} split is empty", split));
  for (const Example& example : examples) {
    if (trained.contains(example.target)) continue;
    fail(
        "{}: label '{}' of the {} split is never seen in training, which has {} labels; add training clips of it or "
        "leave it out",
        example.path.string(), example.target, split, trained.size());
  }
}

}  // namespace

const std::vector<DatasetReader>& dataset_readers() {
  static const std::vector<DatasetReader> kReaders = {
      {"esd", "<speaker>/<Emotion>/{train,evaluation,test}/*.wav", {"emotion", "speaker"}, &read_esd},
      {"speech_commands", "<word>/*.wav, testing_list.txt, validation_list.txt", {"keyword"}, &read_speech_commands},
      {"vctk", "[wav48_silence_trimmed|wav48|wav16]/<speaker>/*", {"speaker"}, &read_vctk},
      {"fsdd", "recordings/{digit}_{speaker}_{index}.wav", {"keyword", "speaker"}, &read_fsdd},
      {"folder", "[train|valid|test]/<label>/**", {"classify", "emotion", "speaker", "keyword"}, &read_folder},
      {"manifest",
       "CSV, TSV or JSON lines: path, label, speaker, split",
       {"classify", "emotion", "speaker", "keyword"},
       &read_manifest},
  };
  return kReaders;
}

Dataset read_dataset(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  check_request(reader, options, task);
  Dataset data = reader.read(options, task);
  assign_speakers(data, options.valid_speakers, options.test_speakers);
  keep_clips_per_class(data, options.clips_per_class, options.split_seed);

  if (data.train.empty()) fail("{}: found no training clips, expected {}", options.data_dir, reader.help);
  const Labels trained = labels_of(data.train);
  if (data.labels.empty()) data.labels.assign(trained.begin(), trained.end());
  check_held_out(data.valid, "validation", trained, data);
  check_held_out(data.test, "test", trained, data);
  return data;
}

}  // namespace sure
