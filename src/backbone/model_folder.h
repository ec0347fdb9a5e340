// Where a model lies: a folder, or a snapshot in the Hugging Face cache of this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sure {

/// The folder that `model` names: itself where there is one; for an id of the hub ("facebook/wav2vec2-base", with
/// "@revision" behind it where another than main is meant), the snapshot in the local cache (HF_HUB_CACHE, HF_HOME/hub,
/// ~/.cache/huggingface/hub). The model that ships is found beside the program; random-tiny is its own name. Throws
/// Error that says how to get it.
std::string find_model(const std::string& model);

/// The folder in the local cache of an id of the hub, whatever it holds; empty where it is none or not there.
std::string find_in_hub_cache(const std::string& id);

/// Whether find_model finds it.
bool has_model(const std::string& model);

/// The id with its revision of a folder in such a cache ("org/name@hash"), or the folder of an id: under what else the
/// model may be found, here or on another machine. Empty where there is nothing.
std::string other_name_of_model(const std::string& model);

/// How many outputs the CTC head of a model folder has; nothing where it has none, or no weights. `language` as of
/// load_backbone.
std::optional<int64_t> ctc_outputs(const std::string& folder, const std::string& language = "");

}  // namespace sure
