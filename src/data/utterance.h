// A clip as its corpus describes it, whatever a task asks for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/registry.h"

namespace sure {

enum class Split { train, valid, test };

constexpr Split kSplits[] = {Split::train, Split::valid, Split::test};

/// Also the other names that corpora give them: "validation", "dev", "testing" …
const std::vector<NamedValue<Split>>& choices_of(Split split);

/// In a sentence: "training", "validation", "test".
const char* adjective_of(Split split);

/// A property of a clip that can be a target.
enum class Field {
  label,  // a class of any kind
  emotion,
  keyword,
  intent,
  slots,
  speaker,  // who speaks, of those heard in training
  voice,    // who speaks, of so many that some can be held out
  text,
  phonemes
};

/// One clip. Fields that the corpus lacks are empty.
struct Utterance {
  std::filesystem::path path;
  std::string text = {};      // as the corpus writes it
  std::string phonemes = {};  // ARPAbet symbols
  std::string slots = {};     // the text with its slots marked: "play B-artist kent james E-artist"
  std::string intent = {};    // "action|object|location"
  std::string emotion = {};
  std::string keyword = {};
  std::string label = {};
  std::string speaker = {};
};

/// Whether the field differs from clip to clip, as speech does, rather than naming a class.
bool is_transcript(Field field);

/// Whether the field is who speaks.
bool is_speaker(Field field);

/// The field of a clip. Where a corpus does not name it apart, a class is its label; and its text has the slots marked,
/// and is pronounced for the phonemes.
const std::string& value_of(const Utterance& utterance, Field field);

}  // namespace sure
