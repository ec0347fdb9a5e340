// The vocabulary of a folder that transformers' Wav2Vec2CTCTokenizer or Wav2Vec2PhonemeCTCTokenizer reads and writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "text/vocabulary.h"

namespace sure {

/// vocab.json, or the tokenizer.json in its place, with what tokenizer_config.json, special_tokens_map.json and
/// added_tokens.json beside it say; where neither of the first two is there, roles go by names (usual_roles).
/// `language`: as of read_vocab_json, empty = the config's target_lang. `outputs`: how many the model's head has, where
/// that is known: tokens beyond are left out, and numbers without a token are unused. Throws Error naming the file.
Vocabulary read_vocabulary(const std::filesystem::path& vocab, const std::string& language = "",
                           std::optional<int64_t> outputs = std::nullopt);

}  // namespace sure
