#include "tasks/slot.h"

#include <sstream>

#include "metrics/error_rate.h"
#include "metrics/slots.h"
#include "tasks/asr.h"
#include "tasks/ctc_objective.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

/// The words between the marks and around them.
std::string without_marks(const std::string& text) {
  std::istringstream words(text);
  std::string plain;
  for (std::string word; words >> word;) {
    if (word.starts_with("B-") || word.starts_with("E-")) continue;
    if (!plain.empty()) plain += ' ';
    plain += word;
  }
  return plain;
}

std::vector<std::string> without_marks(const std::vector<std::string>& texts) {
  std::vector<std::string> plain;
  for (const std::string& text : texts) plain.push_back(without_marks(text));
  return plain;
}

Metrics slot_metrics(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses) {
  const std::vector<std::string> said = without_marks(references);
  const std::vector<std::string> heard = without_marks(hypotheses);
  return {{"slot_type_f1", slot_type_f1(references, hypotheses)},
          {"slot_value_cer", slot_value_cer(references, hypotheses)},
          {"wer", word_error_rate(said, heard)},
          {"cer", character_error_rate(said, heard)}};
}

}  // namespace

void prepare_slots(Dataset& data, const TargetOptions& options) {
  rewrite_targets(
      data, [&](const std::string& target) { return normalise_text(target, options.text, /*keep_slot_marks=*/true); });
}

Labels slot_labels(const Dataset& data, const TargetOptions& options) {
  if (!options.vocab.empty()) return character_labels(data, options);
  std::vector<std::string> texts;
  for (const Example& example : data.train) texts.push_back(example.target);
  return character_vocabulary(texts, /*slot_marks=*/true).tokens();
}

std::unique_ptr<Objective> make_slot_objective(const Labels& tokens) {
  return make_ctc_objective(tokens, slot_metrics);
}

}  // namespace sure
