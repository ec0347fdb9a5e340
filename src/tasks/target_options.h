// How transcripts become a model's targets.
#pragma once

#include <string>

#include "core/options.h"
#include "text/normalise_text.h"

namespace sure {

struct TargetOptions {
  TextOptions text;
  std::string vocab;     // a vocab.json; "model": the checkpoint's own; empty: built from the training clips
  std::string language;  // of a vocab.json and a checkpoint with many (MMS)
  std::string lexicon;   // pronunciations in CMU dictionary format (phoneme)
  std::string unknown_words = "auto";  // who pronounces words that the lexicon lacks
};

template <class Visitor>
void visit_options(TargetOptions& o, Visitor&& visit) {
  visit_options(o.text, visit);
  visit("vocab", o.vocab,
        Declaration("transcripts: a vocab.json to take the tokens from, or 'model' for the checkpoint's own; empty = "
                    "from the data")
            .free_on_resume());
  visit("language", o.language, "of a model with many (MMS): its adapters, head and vocabulary, as in --language fra");
  visit("lexicon", o.lexicon, Declaration("phoneme: pronunciations in CMU dictionary format").free_on_resume());
  visit("unknown_words", o.unknown_words,
        Declaration("phoneme: who pronounces words that the lexicon lacks; auto: espeak-ng where installed")
            .one_of({"auto", "espeak", "rules"}));
}

}  // namespace sure
