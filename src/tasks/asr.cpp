// Speech recognition: characters by CTC.
#include <algorithm>

#include "backbone/model_folder.h"
#include "core/error.h"
#include "tasks/ctc_objective.h"
#include "tasks/rows.h"
#include "text/letter_case.h"
#include "text/tokenizer_files.h"

namespace sure {

namespace {

void rewrite_part(std::vector<Example>& examples, const std::function<std::string(const std::string&)>& rewrite) {
  for (Example& example : examples) {
    try {
      example.target = rewrite(example.target);
    } catch (const Error& error) {
      fail("{}: {}", example.path.string(), error.what());
    }
  }
}

/// Throws a usage Error where transcripts, whose case the tokens have or get, could not be written.
void check_letters(const Vocabulary& vocabulary, const TargetOptions& options) {
  Labels letters = vocabulary.tokens();
  for (std::string& letter : letters) letter = vocabulary.written(letter);
  check_letter_case(options.text.letter_case, letters, options.vocab);
}

}  // namespace

void rewrite_targets(Dataset& data, const std::function<std::string(const std::string&)>& rewrite) {
  size_t dropped = 0;
  for (auto* part : all_parts(data)) {
    rewrite_part(*part, rewrite);
    dropped += std::erase_if(*part, [](const Example& example) { return example.target.empty(); });
  }
  if (dropped > 0) data.notes.push_back(fmt::format("{} clips have an empty transcript: left out", dropped));
  if (!data.for_evaluation && data.train.empty()) fail("every training transcript is empty: nothing to train on");
}

void prepare_transcripts(Dataset& data, const TargetOptions& options) {
  rewrite_targets(data, [&](const std::string& target) { return normalise_text(target, options.text); });
}

Labels character_labels(const Dataset& data, const TargetOptions& options) {
  if (!options.vocab.empty()) {
    const Vocabulary given = given_vocabulary(options);
    check_letters(given, options);
    return given.tokens();
  }
  return character_vocabulary(label_targets(data), /*slot_marks=*/false).tokens();
}

std::optional<TokenRoles> given_roles(const TargetOptions& options) {
  if (options.vocab.empty()) return std::nullopt;
  return given_vocabulary(options).roles();
}

Vocabulary given_vocabulary(const TargetOptions& options) {
  const std::filesystem::path file = options.vocab;
  return read_vocabulary(file, options.language, ctc_outputs(file.parent_path(), options.language));
}

std::unique_ptr<Objective> make_transcript_objective(const Labels& tokens, const std::optional<TokenRoles>& roles) {
  return make_ctc_objective(tokens, {{{"words", "wer", word_edits}, {"characters", "cer", character_edits}}}, roles);
}

}  // namespace sure
