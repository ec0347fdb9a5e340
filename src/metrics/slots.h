// Metrics of slot filling on transcripts with slots marked in the text ("play B-artist kent james E-artist"), as SUPERB
// reports them for Audio-SNIPS: the definitions of s3prl/metric/slot_filling.py. Of text that lacks a mark or nests
// slots they say what those regular expressions match. Values may hold ':' and ';', at which s3prl stops.
//
// All take one hypothesis for each reference, text with no whitespace but spaces, and throw when the counts differ.
#pragma once

#include <string>
#include <vector>

namespace sure {

/// Mean over sentences of the F1 between the sets of slot types; 1 where neither has a slot. Throws for no sentences.
double slot_type_f1(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);

/// Character error rate of the references' slot values, each against the value that the hypothesis gives to a slot of
/// that type with the fewest errors, or nothing. Throws when no reference has a slot.
double slot_value_cer(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);
/// The same in words.
double slot_value_wer(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);

/// F1 over all slots of the references, right when the hypothesis has their value under their type; a wrong value is
/// both missed and false. `full` also counts as false the slots of types that the reference lacks, `part` does not.
/// Throws when there is no slot to count.
double slot_edit_f1_full(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);
double slot_edit_f1_part(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);

}  // namespace sure
