// The three parts of a data set: their names, and drawing them where a corpus does not define them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// By any of its names, in any case, also with "set" behind ("train_set", "test-set", "devset").
std::optional<Split> find_split(std::string_view name);

/// The splits that the names of folders or in a column mean together. "eval" and "evaluation" are the validation split,
/// but the test split where nothing else is called so, which is noted.
class SplitNames {
 public:
  explicit SplitNames(const std::set<std::string>& names);

  std::optional<Split> find(const std::string& name) const;

  /// The names that are splits.
  const std::map<std::string, Split>& all() const { return splits_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::map<std::string, Split> splits_;
  std::vector<std::string> notes_;
};

template <class Data>
auto& examples_of(Data& data, Split split) {
  return split == Split::train ? data.train : split == Split::valid ? data.valid : data.test;
}

std::string target_of(const Example& example);
std::string speaker_of(const Example& example);

/// Those that are named.
std::set<std::string> speakers_of(const std::vector<Example>& examples);

template <class Clip>
void append(std::vector<Clip>& clips, std::vector<Clip> more) {
  std::move(more.begin(), more.end(), std::back_inserter(clips));
}

/// The targets; transcripts differ from clip to clip: they are one group.
GroupKey spread_for(SplitPolicy policy);

/// How a part was drawn: not at all, by single clips, or by all clips of a speaker.
enum class Drawn { nothing, clips, speakers };

struct Draws {
  Drawn valid = Drawn::nothing;
  Drawn test = Drawn::nothing;
};

/// Spreads the clips without a split over the three, 80/10/10 within each group. Groups of one or two clips stay in
/// training. Deterministic in the seed and the group's own clips.
Draws draw_splits(Dataset& data, int64_t seed);

/// Spreads their speakers over the three, 80/10/10: none is in two. Each part has at least two, so that trials of
/// different speakers exist; where there are only four or five speakers, two are for testing and validation takes a
/// tenth of the others' clips. Throws Error for fewer than four speakers and for an example without one.
Draws draw_splits_by_speaker(Dataset& data, int64_t seed);

/// The splits that `policy` calls for, where `data` lacks them; clips are spread by `data.spread_by`. Throws Error
/// where some clips are in a split and others in none.
Draws draw_missing_splits(SplitPolicy policy, Dataset& data, int64_t seed);

/// Notes the drawn parts, as they are now; nothing about parts that `options` gives to speakers.
void note_draws(const Draws& draws, const DataOptions& options, Dataset& data);

/// Gives the test and validation part to the named speakers alone: theirs move there; other clips there join training
/// or, where splits are official, are left out, which is noted. Throws a usage Error for a speaker that the data set
/// lacks or that both lists name.
void assign_speakers(Dataset& data, const DataOptions& options, bool official_splits);

/// Keeps `count` training clips of each label, drawn; a smaller count keeps a subset of a larger one's.
void keep_clips_per_class(Dataset& data, int64_t count, int64_t seed);

}  // namespace sure
