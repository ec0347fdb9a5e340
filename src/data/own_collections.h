// For people's own collections: labels as a person means them ("cat" and "cat " are one), speakers found in file names.
#pragma once

#include "data/dataset.h"

namespace sure {

/// Makes one of labels that differ only by blanks, by their Unicode form or by letter case, under the name that most
/// clips have, and notes it. Speakers that are the label change with it. Throws Error for one that is not UTF-8, since
/// no JSON file could name it.
void unify_labels(Dataset& data);

/// Sets every clip's speaker to the first group of `pattern`, a regular expression (ECMAScript) that is searched in its
/// path below `root`; and its target too where that is the speaker. Throws a usage Error for an expression that is none
/// or has no group, and an Error that names the first clip in whose path it is not found.
void apply_speaker_pattern(Dataset& data, const std::string& pattern, const std::filesystem::path& root,
                           bool speaker_is_target);

}  // namespace sure
