// Labels as a person means them: "cat" and "cat " are one.
#pragma once

#include "data/dataset.h"

namespace sure {

/// Makes one of labels that differ only by blanks, by their Unicode form or by letter case, under the name that most
/// clips have, and notes it. Speakers that are the label change with it.
void unify_labels(Dataset& data);

}  // namespace sure
