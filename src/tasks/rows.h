// Parts of the rows in the table of tasks: targets, labels and objectives, grouped by the files that define them.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

// classification.cpp

/// Targets are class names already.
void prepare_classes(Dataset& data, const TargetOptions& options);

/// The corpus' own order, or the sorted names of the training part. Throws Error for a held-out clip of another class.
Labels class_labels(const Dataset& data, const TargetOptions& options);

/// Cross-entropy. Metrics: accuracy, f1 (weighted by the classes' true examples), macro_f1 and uar, each in [0, 1].
std::unique_ptr<Objective> make_classification_objective(const Labels& labels,
                                                         const std::optional<TokenRoles>& = std::nullopt);

/// The different targets that say which labels or tokens there are, sorted: of training; for evaluation, of all parts.
std::vector<std::string> label_targets(const Dataset& data);

/// The place of `name` in `labels`. Throws Error naming both.
int64_t class_index(const Labels& labels, const std::string& name);

/// A confusion matrix as rows of counts.
nlohmann::ordered_json confusion_to_json(const Tensor& confusion);

/// {label: {"precision", "recall", "f1", "support"}} of a confusion matrix over these labels.
nlohmann::ordered_json class_scores_to_json(const Labels& labels, const Tensor& confusion);

/// {label: probability}.
nlohmann::ordered_json by_label(const Labels& labels, const std::vector<double>& probabilities);

// intent.cpp

/// Throws Error for a target that has not three parts.
void prepare_intents(Dataset& data, const TargetOptions& options);

/// The sorted classes of each group in the training part. Throws Error for a held-out clip with another.
Labels intent_labels(const Dataset& data, const TargetOptions& options);

/// Loss: the groups' cross-entropies added. Metrics: accuracy (all groups right) and each group's own
/// (action_accuracy …).
std::unique_ptr<Objective> make_intent_objective(const Labels& labels, const std::optional<TokenRoles>& = std::nullopt);

// synthesis.cpp: a row without labels, head and objective, see tasks/synthesis.h

/// Leaves out clips whose text has neither a letter nor a digit, with a note.
void prepare_spoken_texts(Dataset& data, const TargetOptions& options);

// verification.cpp

/// The training speakers, sorted.
Labels voice_labels(const Dataset& data, const TargetOptions& options);

/// Targets are speakers. The loss has margin 0.4 and scale 30; `skipped` counts clips of speakers unknown to training,
/// which may be all. A prediction is the embedding, of length 1. Metrics: eer and min_dcf over the pairs of the chosen
/// clips (see pair_clips).
std::unique_ptr<Objective> make_verification_objective(const Labels& speakers,
                                                       const std::optional<TokenRoles>& = std::nullopt);

// asr.cpp

/// Normalises the transcripts and leaves out those that are empty then, with a note.
void prepare_transcripts(Dataset& data, const TargetOptions& options);

/// The tokens of --vocab, or the training transcripts' characters. Throws a usage Error for a --vocab whose letters are
/// all of the other case.
Labels character_labels(const Dataset& data, const TargetOptions& options);

/// The roles of --vocab's tokens; nothing without --vocab.
std::optional<TokenRoles> given_roles(const TargetOptions& options);

/// Metrics: wer and cer over the whole set.
std::unique_ptr<Objective> make_transcript_objective(const Labels& tokens,
                                                     const std::optional<TokenRoles>& roles = std::nullopt);

/// --vocab's tokens with the roles that the files beside it give them. A folder with the weights of a CTC model has as
/// many as its head has outputs.
Vocabulary given_vocabulary(const TargetOptions& options);

/// Rewrites every target by `rewrite` and leaves out examples whose target is empty then, with a note. Errors of
/// `rewrite` get the clip's name.
void rewrite_targets(Dataset& data, const std::function<std::string(const std::string&)>& rewrite);

// slot.cpp

/// As prepare_transcripts, keeping the marks.
void prepare_slots(Dataset& data, const TargetOptions& options);

/// The training transcripts' characters, then their marks; or the tokens of --vocab. Throws a usage Error when those
/// lack a mark.
Labels slot_labels(const Dataset& data, const TargetOptions& options);

/// Metrics: slot_type_f1 and slot_value_cer (s3prl's definitions), wer and cer of the words without marks.
std::unique_ptr<Objective> make_slot_objective(const Labels& tokens,
                                               const std::optional<TokenRoles>& roles = std::nullopt);

// phoneme.cpp

/// Words -> symbols; targets that are symbols already are checked. Notes how many words the lexicon lacked and who
/// pronounced them. Throws a usage Error without a lexicon.
void prepare_phonemes(Dataset& data, const TargetOptions& options);

/// The 72 symbols of the benchmark behind the special tokens.
Labels phoneme_labels(const Dataset& data, const TargetOptions& options);

/// The roles of --vocab's tokens, which are words unless a delimiter stands between these; nothing without --vocab.
std::optional<TokenRoles> phoneme_roles(const TargetOptions& options);

/// Metric: per.
std::unique_ptr<Objective> make_phoneme_objective(const Labels& tokens,
                                                  const std::optional<TokenRoles>& roles = std::nullopt);

}  // namespace sure
