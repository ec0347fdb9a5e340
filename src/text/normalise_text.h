// Transcripts as recognisers are trained on them: one Unicode form, plain quotes, one case, no punctuation, single
// spaces.
#pragma once

#include <string>
#include <string_view>

#include "core/options.h"
#include "text/letter_case.h"

namespace sure {

struct TextOptions {
  std::string letter_case = "lower";  // lower, upper or keep
  bool plain_quotes = true;           // before punctuation is removed: don’t and don't are one word
  // Characters to delete, as UTF-8; these are the SURE paper's code's.
  std::string remove_punctuation = ",?.!-;:\"";
};

template <class Visitor>
void visit_options(TextOptions& o, Visitor&& visit) {
  visit("letter_case", o.letter_case,
        Declaration("case of transcripts; keep: as they are").one_of(letter_case_names()));
  visit("plain_quotes", o.plain_quotes, "write typographic quotes and apostrophes in transcripts as \" and '");
  visit("remove_punctuation", o.remove_punctuation, "delete these characters from transcripts");
}

/// True for a mark around a slot's value: "B-artist" opens it, "E-artist" closes it.
bool is_slot_mark(std::string_view word);

/// `text` in normalisation form C with plain quotes, its characters in the chosen case and the listed ones deleted, its
/// words separated by one space. “Well-known” becomes "wellknown". With `keep_slot_marks`, words that are slot marks
/// stay as they are. Throws Error for broken UTF-8, a usage Error for an unknown case.
std::string normalise_text(std::string_view text, const TextOptions& options = {}, bool keep_slot_marks = false);

}  // namespace sure
