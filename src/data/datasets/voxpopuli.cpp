// VoxPopuli (Wang et al. 2021): [transcribed_data/]<language>/asr_{train,dev,test}.tsv with columns id (or id_),
// raw_text, normalized_text, speaker_id, split, gender …, and the clips in <language>/<year>/<id>.ogg.
#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/language_folder.h"
#include "data/listings.h"
#include "data/records.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const LanguageLayout kLayout = {{"transcribed_data", "data"}, {"asr_train.tsv", "asr_dev.tsv", "asr_test.tsv"}, "en"};

struct Listed {
  Split split;
  std::string speaker;
};

/// By clip id.
using Listing = std::map<std::string, Listed>;

void read_list(const fs::path& list, Split split, Listing& listing, Transcripts& transcripts) {
  const std::string source = list.string();
  for (const Record& record : parse_tsv(read_file(list), source)) {
    const std::string where = fmt::format("{}:{}", source, record.line);
    const std::string& id = required_field(record, record.fields.contains("id_") ? "id_" : "id", source);
    const auto [other, is_new] = listing.emplace(id, Listed{split, field(record, "speaker_id", source)});
    if (!is_new && other->second.split != split) fail("{}: '{}' is in another split's list too", where, id);
    transcripts.add(id, field(record, "normalized_text", source), where);
  }
}

/// Clips of all splits lie together; one that no list names counts as training until its transcript is looked up.
void append_clips(const fs::path& root, const Listing& listing, Utterances& data) {
  for (const fs::path& clip : audio_files_below(root)) {
    const auto listed = listing.find(stem_of(clip));
    if (listed == listing.end()) {
      data.train.push_back({.path = clip});
    } else {
      examples_of(data, listed->second.split).push_back({.path = clip, .speaker = listed->second.speaker});
    }
  }
}

}  // namespace

Utterances read_voxpopuli(const DataOptions& options, const Wanted& /*wanted*/) {
  Utterances data;
  const fs::path root = find_language_folder(options.data_dir, kLayout, data);
  Listing listing;
  Transcripts transcripts;
  for (const auto& [list, split] : lists_in(root, kLayout, options.allow_missing, data.notes)) {
    read_list(list, split, listing, transcripts);
  }
  append_clips(root, listing, data);
  transcripts.apply(data, stem_of, root.string(), options.allow_missing);
  return data;
}

}  // namespace sure
