// Phoneme recognition: ARPAbet symbols with stress by CTC. The words of a transcript become phonemes through a lexicon.
#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "tasks/ctc_objective.h"
#include "tasks/rows.h"
#include "text/grapheme_to_phoneme.h"
#include "text/utf8.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

std::vector<std::string> all_targets(const Dataset& data) {
  std::vector<std::string> targets;
  for (const auto* part : all_parts(data)) {
    for (const Example& example : *part) targets.push_back(example.target);
  }
  return targets;
}

void note_unknown_words(const Pronouncer& pronouncer, Dataset& data) {
  const OutOfVocabulary& unknown = pronouncer.out_of_vocabulary();
  data.notes.insert(data.notes.end(), pronouncer.notes().begin(), pronouncer.notes().end());
  if (unknown.words == 0) return;
  data.notes.push_back(
      fmt::format("{} words are not in the lexicon: {} pronounced by espeak-ng, {} by rules, {} not at all",
                  unknown.words, unknown.by_espeak, unknown.by_rules, unknown.unpronounced));
}

void pronounce_targets(Dataset& data, const TargetOptions& options) {
  if (options.lexicon.empty()) {
    fail_usage("--lexicon is needed: the transcripts are words; give pronunciations in CMU dictionary format");
  }
  Pronouncer pronouncer(read_lexicon(options.lexicon), grapheme_to_phoneme(options.unknown_words));
  prepare_transcripts(data, options);
  pronouncer.prepare(all_targets(data));
  rewrite_targets(
      data, [&](const std::string& target) { return fmt::format("{}", fmt::join(pronouncer.pronounce(target), " ")); });
  note_unknown_words(pronouncer, data);
}

bool has_stress(const std::string& target) {
  return std::any_of(target.begin(), target.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// One space between symbols, as the error rate wants it. A clip without stress among others with it would train <unk>.
void check_symbols(Dataset& data) {
  const std::vector<std::string> targets = all_targets(data);
  const bool stress = std::any_of(targets.begin(), targets.end(), has_stress);
  const Vocabulary symbols = phoneme_vocabulary(stress);
  rewrite_targets(data, [&](const std::string& target) {
    int64_t unknown = 0;
    symbols.encode(target, unknown);
    if (unknown > 0) {
      fail("'{}' is not a row of ARPAbet symbols with spaces between, {} stress as other clips have", target,
           stress ? "their vowels with" : "without");
    }
    return fmt::format("{}", fmt::join(split_words(target), " "));
  });
}

}  // namespace

void prepare_phonemes(Dataset& data, const TargetOptions& options) {
  if (data.targets_are_phonemes) {
    check_symbols(data);
  } else {
    pronounce_targets(data, options);
  }
}

Labels phoneme_labels(const Dataset& data, const TargetOptions& options) {
  if (!options.vocab.empty()) return given_vocabulary(options).tokens();
  const std::vector<std::string> targets = label_targets(data);
  const bool stress = std::any_of(targets.begin(), targets.end(), has_stress);
  return phoneme_vocabulary(stress).tokens();
}

std::optional<TokenRoles> phoneme_roles(const TargetOptions& options) {
  std::optional<TokenRoles> roles = given_roles(options);
  if (roles) roles->words = roles->words || !roles->delimiter;
  return roles;
}

std::unique_ptr<Objective> make_phoneme_objective(const Labels& tokens, const std::optional<TokenRoles>& roles) {
  return make_ctc_objective(tokens, {{{"phonemes", "per", word_edits}}}, roles);
}

}  // namespace sure
