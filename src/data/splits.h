// The three parts of a data set: their names, and drawing them where a corpus does not define them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace sure {

enum class Split { train, valid, test };

/// "train", "training"; "valid", "validation", "val", "dev", "devel", "development", "eval", "evaluation"; "test",
/// "testing"; in any case, and with "set" behind ("train_set", "test-set", "devset").
std::optional<Split> find_split(std::string_view name);

/// "train", "valid", "test".
const char* name_of(Split split);

/// What the names of folders or in a column mean together. "eval" and "evaluation" are the validation split, but the
/// test split where nothing else is called so, which is noted.
class SplitNames {
 public:
  explicit SplitNames(const std::set<std::string>& names);

  std::optional<Split> find(const std::string& name) const;

  /// Of the names that are splits.
  const std::map<std::string, Split>& all() const { return splits_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::map<std::string, Split> splits_;
  std::vector<std::string> notes_;
};

std::vector<Example>& examples_of(Dataset& data, Split split);

std::string target_of(const Example& example);
std::string speaker_of(const Example& example);

/// `key` for tasks with classes; transcripts differ from clip to clip: they are one group.
GroupKey spread_for(const std::string& task, GroupKey key);

/// What was drawn for a part: nothing, single clips, or all clips of a speaker.
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

/// The splits that a task calls for, where `data` lacks them: verification holds speakers out; transcribed clips are
/// drawn by speaker where at least ten are named, else at random; classes are spread by `data.spread_by`. Throws Error
/// where some clips are in a split and others in none.
Draws draw_missing_splits(const std::string& task, Dataset& data, int64_t seed);

/// Notes what was drawn, as it is now; nothing about parts that `options` gives to speakers.
void note_draws(const Draws& draws, const DataOptions& options, Dataset& data);

/// Gives the test and validation part to the named speakers alone: theirs move there; other clips there join training
/// or, where splits are official, are left out, which is noted. Throws a usage Error for a speaker that the data set
/// lacks or that both lists name.
void assign_speakers(Dataset& data, const DataOptions& options, bool official_splits);

/// Keeps `count` training clips of each label, drawn; a smaller count keeps a part of what a larger one would.
void keep_clips_per_class(Dataset& data, int64_t count, int64_t seed);

}  // namespace sure
