#include "tasks/asr.h"

#include <algorithm>

#include "core/error.h"
#include "tasks/ctc_objective.h"
#include "text/letter_case.h"
#include "text/vocabulary.h"

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

Labels given_tokens(const TargetOptions& options) {
  Labels tokens = read_vocab_json(options.vocab, options.language).tokens();
  check_letter_case(options.text.letter_case, tokens, options.vocab);
  return tokens;
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

std::vector<std::string> label_texts(const Dataset& data) {
  std::vector<std::string> texts;
  for (const auto* part : label_parts(data)) {
    for (const Example& example : *part) texts.push_back(example.target);
  }
  return texts;
}

void prepare_transcripts(Dataset& data, const TargetOptions& options) {
  rewrite_targets(data, [&](const std::string& target) { return normalise_text(target, options.text); });
}

Labels character_labels(const Dataset& data, const TargetOptions& options) {
  if (!options.vocab.empty()) return given_tokens(options);
  return character_vocabulary(label_texts(data), /*slot_marks=*/false).tokens();
}

std::unique_ptr<Objective> make_transcript_objective(const Labels& tokens) {
  return make_ctc_objective(tokens, {{{"words", "wer", word_edits}, {"characters", "cer", character_edits}}});
}

}  // namespace sure
