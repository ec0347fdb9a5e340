// Fluent Speech Commands (Lugosch et al. 2019): data/{train,valid,test}_data.csv with path, speakerId, transcription,
// action, object and location; the paths lead to wavs/speakers/<speaker>/<id>.wav.
#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/records.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr SplitName kParts[] = {
    {"data/train_data.csv", Split::train}, {"data/valid_data.csv", Split::valid}, {"data/test_data.csv", Split::test}};

std::string intent(const Record& row, const std::string& list) {
  std::vector<std::string> slots;
  for (const char* column : {"action", "object", "location"}) {
    slots.push_back(required_field(row, column, list));
    if (slots.back().find('|') != std::string::npos) {
      fail("{}:{}: {} '{}' holds the separator |", list, row.line, column, slots.back());
    }
  }
  return fmt::format("{}", fmt::join(slots, "|"));
}

}  // namespace

Utterances read_fluent_speech_commands(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  const bool told = wanted.field == Field::intent;  // else the columns need not be there
  Utterances data;
  for (const SplitName& part : kParts) {
    const fs::path list = root / part.name;
    if (!fs::is_regular_file(list)) {
      fail("{}: expected data/{{train,valid,test}}_data.csv and wavs/speakers/, found {}", root.string(),
           fs::exists(root / "data") ? "data/ with " + describe_contents(root / "data") : describe_contents(root));
    }
    ListedClips clips(list, wanted.field);
    const std::string source = list.string();
    for (const Record& row : parse_csv(read_file(list), source)) {
      clips.add(examples_of(data, part.split), {.path = root / required_field(row, "path", source),
                                                .text = told ? "" : field(row, "transcription", source),
                                                .intent = told ? intent(row, source) : "",
                                                .speaker = required_field(row, "speakerId", source)});
    }
    clips.report(options.allow_missing, data.notes);
  }
  return data;
}

}  // namespace sure
