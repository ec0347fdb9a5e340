#include "data/utterance.h"

#include <array>

namespace sure {

namespace {

using Member = std::string Utterance::*;

/// In the order of Field.
constexpr std::array<Member, 9> kMembers = {&Utterance::label,   &Utterance::emotion, &Utterance::keyword,
                                            &Utterance::intent,  &Utterance::slots,   &Utterance::speaker,
                                            &Utterance::speaker, &Utterance::text,    &Utterance::phonemes};
static_assert(kMembers.size() == static_cast<size_t>(Field::phonemes) + 1);

}  // namespace

const std::vector<NamedValue<Split>>& choices_of(Split /*split*/) {
  static const std::vector<NamedValue<Split>> kNames = {
      {Split::train, "train"}, {Split::train, "training"},   {Split::valid, "valid"}, {Split::valid, "validation"},
      {Split::valid, "val"},   {Split::valid, "dev"},        {Split::valid, "devel"}, {Split::valid, "development"},
      {Split::valid, "eval"},  {Split::valid, "evaluation"}, {Split::test, "test"},   {Split::test, "testing"}};
  return kNames;
}

const char* adjective_of(Split split) {
  return split == Split::train ? "training" : split == Split::valid ? "validation" : "test";
}

bool is_transcript(Field field) { return field == Field::text || field == Field::phonemes || field == Field::slots; }

bool is_speaker(Field field) { return field == Field::speaker || field == Field::voice; }

const std::string& value_of(const Utterance& utterance, Field field) {
  const std::string& own = utterance.*kMembers.at(static_cast<size_t>(field));
  if (!own.empty()) return own;
  return is_transcript(field) ? utterance.text : utterance.label;
}

}  // namespace sure
