// The three parts of a data set: their names, and drawing them where a corpus does not define them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace sure {

enum class Split { train, valid, test };

/// "train"; "valid", "validation", "val", "dev"; "test".
std::optional<Split> find_split(std::string_view name);

std::vector<Example>& examples_of(Dataset& data, Split split);

/// What must be spread evenly over the parts: a label, a speaker, both.
using GroupKey = std::function<std::string(const Example&)>;

/// Spreads `examples` over the parts, 80/10/10 within each group, and notes it. Groups of one or two clips stay in
/// training. Deterministic in the seed and the group's own clips.
void draw_splits(Dataset& data, std::vector<Example> examples, const GroupKey& key, int64_t seed);

/// Spreads whole speakers over the parts, 80/10/10, and notes it: none is in two. Each part has at least two, so
/// that trials of different speakers exist; where there are only four or five speakers, two are for testing and
/// validation takes a tenth of the others' clips. Throws Error for fewer than four speakers and for an example without
/// one.
void draw_splits_by_speaker(Dataset& data, std::vector<Example> examples, int64_t seed);

/// Moves 10 % of each group of the training part to the validation part if that is empty, and notes it.
void draw_valid_if_empty(Dataset& data, const GroupKey& key, int64_t seed);

/// The split that a task calls for: verification holds speakers out; transcribed clips are drawn by speaker where at
/// least ten are named, else at random; classes are spread by `key`.
void draw_splits_for(const std::string& task, Dataset& data, std::vector<Example> examples, const GroupKey& key,
                     int64_t seed);

/// Draws a validation part from the training part in the same way, if it is empty, and notes it.
void draw_valid_for(const std::string& task, Dataset& data, const GroupKey& key, int64_t seed);

/// Gives the test and validation part to the named speakers alone: theirs move there, other clips there join training.
/// Throws a usage Error for a speaker that the data set lacks or that both lists name.
void assign_speakers(Dataset& data, const std::vector<std::string>& valid_speakers,
                     const std::vector<std::string>& test_speakers);

/// Notes how many speakers of the test part are in the training part too: their voices are known to the model.
void note_shared_speakers(Dataset& data);

/// Keeps `count` training clips of each label, drawn; a smaller count keeps a part of what a larger one would.
void keep_clips_per_class(Dataset& data, int64_t count, int64_t seed);

}  // namespace sure
