#include "data/dataset.h"

#include <algorithm>

#include "core/error.h"
#include "core/registry.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void check_request(const DatasetReader& reader, const DataOptions& options, const std::string& task) {
  if (std::find(reader.tasks.begin(), reader.tasks.end(), task) == reader.tasks.end()) {
    fail_usage("data set '{}' has no labels for task '{}': use one of {}", reader.name, task,
               fmt::join(reader.tasks, ", "));
  }
  if (options.data_dir.empty()) fail_usage("--data_dir is missing: where is the data set '{}'?", reader.name);
  std::error_code error;
  if (!fs::exists(options.data_dir, error)) fail("{}: no such file or folder (--data_dir)", options.data_dir);
}

}  // namespace

const std::vector<DatasetReader>& dataset_readers() {
  static const std::vector<DatasetReader> kReaders = {
      {"esd",
       "<speaker>/<Emotion>/{train,evaluation,test}/*.wav, <speaker>/<speaker>.txt",
       {"emotion", "speaker", "asr", "phoneme"},
       &read_esd},
      {"speech_commands",
       "<word>/*.wav, testing_list.txt, validation_list.txt",
       {"keyword", "asr"},
       &read_speech_commands},
      {"vctk",
       "[wav48_silence_trimmed|wav48|wav16]/<speaker>/*, txt/<speaker>/*.txt",
       {"speaker", "asr", "phoneme", "verification"},
       &read_vctk},
      {"fsdd",
       "recordings/{digit}_{speaker}_{index}.wav",
       {"keyword", "speaker", "asr", "phoneme", "verification"},
       &read_fsdd},
      {"librispeech",
       "{train-*,dev-clean,test-clean}/<speaker>/<chapter>/*.flac, *.trans.txt",
       {"asr", "phoneme", "speaker", "verification"},
       &read_librispeech},
      {"fleurs", "[<language>/]{train,dev,test}.tsv, audio/{train,dev,test}/*.wav", {"asr"}, &read_fleurs},
      {"voxpopuli", "[transcribed_data/<language>/]asr_{train,dev,test}.tsv, <year>/*.ogg", {"asr"}, &read_voxpopuli},
      {"meld", "{train,dev,test}_sent_emo.csv, {train,dev,test}/diaX_uttY.wav", {"emotion", "asr"}, &read_meld},
      {"iemocap",
       "Session<n>/dialog/EmoEvaluation/*.txt, Session<n>/sentences/wav/<dialog>/*.wav",
       {"emotion"},
       &read_iemocap},
      {"fluent_speech_commands",
       "data/{train,valid,test}_data.csv, wavs/speakers/<speaker>/*.wav",
       {"intent", "asr"},
       &read_fluent_speech_commands},
      {"audio_snips", "all.iob.snips.txt, slots.txt, {train,valid,test}/*.wav", {"slot", "asr"}, &read_audio_snips},
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

Dataset read_dataset(const DataOptions& options, const std::string& task) {
  const DatasetReader& reader = find_row(dataset_readers(), options.dataset, "data set");
  check_request(reader, options, task);
  Dataset data = reader.read(options, task);
  assign_speakers(data, options.valid_speakers, options.test_speakers);
  keep_clips_per_class(data, options.clips_per_class, options.split_seed);
  if (task == "verification") note_shared_speakers(data);

  if (data.train.empty()) fail("{}: found no training clips, expected {}", options.data_dir, reader.help);
  if (data.valid.empty()) data.notes.emplace_back("the validation split is empty");
  if (data.test.empty()) data.notes.emplace_back("the test split is empty");
  return data;
}

}  // namespace sure
