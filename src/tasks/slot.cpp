// Slot filling: characters and slot marks by CTC; a target is "play B-artist kent james E-artist".
#include <algorithm>
#include <set>

#include "core/error.h"
#include "metrics/error_rate.h"
#include "metrics/slots.h"
#include "tasks/ctc_objective.h"
#include "tasks/rows.h"
#include "text/utf8.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

/// The words between the marks and around them.
std::string without_marks(const std::string& text) {
  std::vector<std::string> words = split_words(text);
  std::erase_if(words, is_slot_mark);
  return fmt::format("{}", fmt::join(words, " "));
}

Sentences without_marks(const Sentences& texts) {
  Sentences plain;
  for (const std::string& text : texts) plain.push_back(without_marks(text));
  return plain;
}

EditCounts spoken_word_edits(const Sentences& references, const Sentences& hypotheses) {
  return word_edits(without_marks(references), without_marks(hypotheses));
}

EditCounts spoken_character_edits(const Sentences& references, const Sentences& hypotheses) {
  return character_edits(without_marks(references), without_marks(hypotheses));
}

Metrics slot_metrics(const Sentences& references, const Sentences& hypotheses) {
  return {{"slot_type_f1", slot_type_f1(references, hypotheses)},
          {"slot_value_cer", slot_value_cer(references, hypotheses)}};
}

/// Without a token of its own, a mark would be spelled, which decoding does not undo.
void check_marks(const std::vector<std::string>& texts, const Labels& tokens, const std::string& file) {
  const std::set<std::string> known(tokens.begin(), tokens.end());
  for (const std::string& text : texts) {
    for (const std::string& word : split_words(text)) {
      if (!is_slot_mark(word) || known.contains(word)) continue;
      fail_usage("--vocab {}: no token '{}', a mark of the training transcripts; add it, or leave --vocab out", file,
                 word);
    }
  }
}

/// Found before training: afterwards there would be nothing to measure.
void require_slots(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const std::vector<std::string> words = split_words(text);
    if (std::any_of(words.begin(), words.end(), is_slot_mark)) return;
  }
  fail_usage(
      "--task slot: no training transcript has a slot; mark them, as in 'play B-artist kent james E-artist', or use "
      "--task asr");
}

}  // namespace

void prepare_slots(Dataset& data, const TargetOptions& options) {
  rewrite_targets(
      data, [&](const std::string& target) { return normalise_text(target, options.text, /*keep_slot_marks=*/true); });
}

Labels slot_labels(const Dataset& data, const TargetOptions& options) {
  const std::vector<std::string> texts = label_targets(data);
  require_slots(texts);
  if (!options.vocab.empty()) {
    Labels tokens = character_labels(data, options);
    check_marks(texts, tokens, options.vocab);
    return tokens;
  }
  return character_vocabulary(texts, /*slot_marks=*/true).tokens();
}

std::unique_ptr<Objective> make_slot_objective(const Labels& tokens, const std::optional<TokenRoles>& roles) {
  return make_ctc_objective(
      tokens, {{{"words", "wer", spoken_word_edits}, {"characters", "cer", spoken_character_edits}}, slot_metrics},
      roles);
}

}  // namespace sure
