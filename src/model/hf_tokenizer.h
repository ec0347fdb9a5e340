// vocab.json and tokenizer_config.json, for transformers' Wav2Vec2CTCTokenizer or, where tokens are whole words with no
// delimiter (phonemes), Wav2Vec2PhonemeCTCTokenizer.
#pragma once

#include <filesystem>

#include "text/vocabulary.h"

namespace sure {

/// Writes both into an existing folder; decoding there gives the text that Vocabulary::decode gives.
void write_tokenizer(const std::filesystem::path& folder, const Vocabulary& vocabulary);

}  // namespace sure
