#include "model/hf_tokenizer.h"

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/json_text.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

/// The token, or null: transformers would add a token that the vocabulary lacks, behind the head's outputs.
Json written(const std::optional<std::string>& token) { return token ? Json(*token) : Json(); }

/// transformers 5.23 heeds another delimiter than "|" only where it stands as an AddedToken.
Json delimiter(const std::optional<std::string>& token) {
  if (!token || *token == "|") return written(token);
  return {{"__type", "AddedToken"}, {"content", *token},    {"lstrip", false}, {"normalized", false},
          {"rstrip", false},        {"single_word", false}, {"special", false}};
}

}  // namespace

void write_tokenizer(const std::filesystem::path& folder, const Vocabulary& vocabulary) {
  const TokenRoles& roles = vocabulary.roles();
  Json config = {{"tokenizer_class", roles.words ? "Wav2Vec2PhonemeCTCTokenizer" : "Wav2Vec2CTCTokenizer"},
                 {"pad_token", written(roles.blank)},
                 {"unk_token", written(roles.unknown)},
                 {"bos_token", written(roles.begin)},
                 {"eos_token", written(roles.end)},
                 {"word_delimiter_token", delimiter(roles.delimiter)},
                 {"clean_up_tokenization_spaces", roles.clean_up}};
  if (roles.words) {
    config["do_phonemize"] = false;
  } else {
    config["replace_word_delimiter_char"] = roles.gap;
    config["do_lower_case"] = roles.lower_case;
  }
  write_vocab_json(folder / "vocab.json", vocabulary);
  write_file(folder / "tokenizer_config.json", json_text(config));
}

}  // namespace sure
