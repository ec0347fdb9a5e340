// sure judge: synthetic speech beside recordings of the same words -> one row of measures for each system.
#include <fmt/format.h>

#include <cmath>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "cli/comparison.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "model/adapter_folder.h"
#include "predict/judge.h"
#include "text/printable.h"
#include "text/text_lines.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct JudgeOptions {
  std::string recordings;
  std::vector<std::string> speech;
  std::string texts;
  std::string recogniser;
  std::string voices;
  std::string output;
  bool json = false;
};

struct System {
  std::string name;
  std::vector<Judgement> judgements;
  SystemScore score;
};

/// A column of the table, a member of the JSON.
struct Measure {
  const char* name;
  const char* heading;
  int digits;
  double SystemScore::* value;
};
constexpr Measure kMeasures[] = {{"mcd", "MCD", 3, &SystemScore::cepstral},
                                 {"f0_rmse", "F0 Hz", 1, &SystemScore::pitch},
                                 {"f0_semitones", "semitones", 2, &SystemScore::pitch_semitones},
                                 {"voicing_error", "voicing", 3, &SystemScore::voicing},
                                 {"f0_frame_error", "FFE", 3, &SystemScore::pitch_frames},
                                 {"duration_error", "seconds", 2, &SystemScore::seconds},
                                 {"speaker_cosine", "cosine", 3, &SystemScore::likeness},
                                 {"wer", "WER", 3, &SystemScore::word_error_rate},
                                 {"cer", "CER", 3, &SystemScore::character_error_rate}};

/// "NAME TEXT", a line each, with a space, a tab or | between; of several fields between | the last is the text.
std::map<std::string, std::string> read_texts(const std::string& file) {
  std::map<std::string, std::string> texts;
  TextLines lines(file);
  while (lines.next()) {
    const std::string line(lines.line());
    const size_t name_ends = line.find_first_of("| \t"), text_starts = line.find_last_of('|');
    if (name_ends == std::string::npos) lines.refuse("NAME TEXT, or NAME|TEXT");
    const std::string text = line.substr((text_starts == std::string::npos ? name_ends : text_starts) + 1);
    texts[fs::path(line.substr(0, name_ends)).stem().string()] = trim(text);
  }
  return texts;
}

void add_texts(const std::map<std::string, std::string>& texts, const std::string& file, SpokenPair& pair) {
  const auto found = texts.find(pair.name);
  if (found == texts.end()) fail("--texts {}: no line for {}", file, printable(pair.name));
  pair.text = found->second;
}

std::unique_ptr<AdaptedModel> load(const std::string& folder) {
  if (folder.empty()) return nullptr;
  AdapterFlags flags;
  flags.adapter = folder;
  flags.model = recorded_model_options(folder);
  return std::make_unique<AdaptedModel>(load_model(flags));
}

System measure(const Judge& judge, const fs::path& folder, const std::map<std::string, std::string>& texts,
               const JudgeOptions& options) {
  std::vector<SpokenPair> pairs = pairs_by_name(options.recordings, folder);
  Progress progress(stderr);
  System system;
  system.name = fs::path(folder / "").parent_path().filename().string();
  for (SpokenPair& pair : pairs) {
    if (!options.texts.empty()) add_texts(texts, options.texts, pair);
    system.judgements.push_back(judge(pair));
    progress.on_evaluation_progress(std::ssize(system.judgements), std::ssize(pairs));
  }
  system.score = sum_up(system.judgements);
  return system;
}

/// Measures that no system has are left out.
std::vector<Measure> measured(const std::vector<System>& systems) {
  std::vector<Measure> found;
  for (const Measure& measure : kMeasures) {
    const auto has = [&](const System& system) { return !std::isnan(system.score.*measure.value); };
    if (std::any_of(systems.begin(), systems.end(), has)) found.push_back(measure);
  }
  return found;
}

void print_table(const std::vector<System>& systems) {
  const std::vector<Measure> measures = measured(systems);
  std::vector<Cells> table = {{"system", "clips"}};
  for (const Measure& measure : measures) table.front().emplace_back(measure.heading);
  for (const System& system : systems) {
    Cells row = {printable(system.name), fmt::format("{}", system.score.clips)};
    for (const Measure& measure : measures) {
      row.push_back(fmt::format("{:.{}f}", system.score.*measure.value, measure.digits));
    }
    table.push_back(row);
  }
  fmt::print("{}", align_columns(table));
}

Json number_or_null(double value) { return std::isnan(value) ? Json() : Json(value); }

Json to_json(const System& system) {
  Json json = {{"system", system.name}, {"clips", system.score.clips}};
  for (const Measure& measure : kMeasures) json[measure.name] = number_or_null(system.score.*measure.value);
  return json;
}

Json to_json(const System& system, const Judgement& judgement) {
  const SystemScore alone = sum_up({judgement});
  Json json = {{"system", system.name}, {"name", judgement.name}};
  for (const Measure& measure : kMeasures) json[measure.name] = number_or_null(alone.*measure.value);
  json["heard"] = judgement.heard;
  return json;
}

void write_clips(const fs::path& path, const std::vector<System>& systems) {
  remove_leftovers_of(path);
  write_file(path, [&](std::ostream& out) {
    for (const System& system : systems) {
      for (const Judgement& judgement : system.judgements) {
        out << json_line(to_json(system, judgement)) << "\n";
      }
    }
  });
}

}  // namespace

int run_judge(const Arguments& arguments) {
  FlagSet flags(
      "sure judge",
      "Measures synthetic speech beside recordings of the same words, files of one name being a pair: the\n"
      "mel-cepstral distance after time warping (MCD; as PyPI's mel-cepstral-distance), pitch where both are\n"
      "voiced (root mean square), the shares of frames with wrong voicing and with wrong voicing or pitch\n"
      "(FFE), the difference in length; with a recogniser WER and CER, with a verification model the cosine\n"
      "of the two voices. One row for each folder of speech.",
      "sure judge --recordings real --speech base,adapted --texts texts.txt --recogniser asr/best_model");
  JudgeOptions options;
  flags.add("recordings", options.recordings, "folder of the recordings, searched recursively");
  flags.add("speech", options.speech, "folders of synthetic speech, with a comma between them: a row each");
  flags.add("texts", options.texts, "file with a line NAME TEXT or NAME|TEXT for each clip; needed for WER and CER");
  flags.group("Models");
  flags.add("recogniser", options.recogniser, "an adapter for asr, or a whole model fine-tuned with CTC");
  flags.add("voices", options.voices, "an adapter for verification");
  flags.group("Output");
  flags.add("output", options.output, "write each clip's measures to this file, a JSON object a line");
  flags.add("json", options.json, "print JSON");
  if (!flags.parse(arguments)) return 0;
  require_flag("recordings", options.recordings);
  if (options.speech.empty()) fail_usage("--speech is needed; see --help");
  if (options.recogniser.empty() != options.texts.empty()) {
    fail_usage("--recogniser and --texts need each other: what is heard is compared with what was to be said");
  }

  const std::unique_ptr<AdaptedModel> recogniser = load(options.recogniser), voices = load(options.voices);
  const Judge judge(recogniser.get(), voices.get());
  std::map<std::string, std::string> texts;
  if (!options.texts.empty()) texts = read_texts(options.texts);
  std::vector<System> systems;
  for (const std::string& folder : options.speech) systems.push_back(measure(judge, folder, texts, options));
  if (!options.output.empty()) write_clips(options.output, systems);
  if (options.json) {
    Json rows = Json::array();
    for (const System& system : systems) rows.push_back(to_json(system));
    print_json(rows);
  } else {
    print_table(systems);
  }
  return 0;
}

}  // namespace sure
