// A LoRA adapter that Python's PEFT trained, seen as one of ours.
#pragma once

#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "formats/peft_adapter.h"
#include "model/adapter_folder.h"

namespace sure {

/// Options and tensors under our names. Head tensors that the adapter lacks come from `base`'s checkpoint. `labels`,
/// when empty, come from the base's config. `origin` leads the messages. Throws Error for tensors outside the
/// transformer layers and the head, for a head found nowhere, and for labels that are unknown or do not fit the
/// classifier.
SavedAdapter adapter_from_peft(const PeftLora& peft, const LoadedBackbone& base, const std::vector<std::string>& labels,
                               const std::string& origin);

}  // namespace sure
