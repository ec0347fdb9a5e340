#include "model/hf_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

/// The token, or null: transformers would add a token that the vocabulary lacks, behind the head's outputs.
Json at(const Vocabulary& vocabulary, const std::optional<int64_t>& number) {
  return number ? Json(vocabulary.tokens()[static_cast<size_t>(*number)]) : Json();
}

Json if_there(const Vocabulary& vocabulary, const std::string& token) {
  const auto& tokens = vocabulary.tokens();
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end() ? Json(token) : Json();
}

}  // namespace

void write_tokenizer(const std::filesystem::path& folder, const Vocabulary& vocabulary) {
  const bool words_are_spelled = vocabulary.delimiter().has_value();
  Json config = {{"tokenizer_class", words_are_spelled ? "Wav2Vec2CTCTokenizer" : "Wav2Vec2PhonemeCTCTokenizer"},
                 {"pad_token", at(vocabulary, vocabulary.blank())},
                 {"unk_token", at(vocabulary, vocabulary.unknown())},
                 {"bos_token", if_there(vocabulary, "<s>")},
                 {"eos_token", if_there(vocabulary, "</s>")},
                 {"word_delimiter_token", at(vocabulary, vocabulary.delimiter())}};
  if (!words_are_spelled) config["do_phonemize"] = false;
  write_vocab_json(folder / "vocab.json", vocabulary);
  write_file(folder / "tokenizer_config.json", config.dump(2) + "\n");
}

}  // namespace sure
