// sure synthesize: text -> speech in a file, in a file for each line, or as it comes on standard output.
#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "backbone/model_folder.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/options.h"
#include "model/adapted_voice.h"
#include "text/counted.h"
#include "text/printable.h"
#include "text/spoken_english.h"
#include "text/text_lines.h"
#include "tts/synthesiser.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

struct SynthesizeOptions {
  std::string adapter;
  std::string model;
  std::string text;
  std::string text_file;
  std::string output;
  std::string output_dir;
  SynthesisOptions synthesis;
  bool json = false;
};

std::string read_standard_input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

std::string text_of(const SynthesizeOptions& options) {
  if (!options.text.empty() && !options.text_file.empty()) fail_usage("--text and --text_file: leave one out");
  if (!options.text.empty()) return options.text;
  return options.text_file.empty() || options.text_file == "-" ? read_standard_input() : read_file(options.text_file);
}

SpeakingModel load(const SynthesizeOptions& options) {
  if (!options.adapter.empty()) {
    const AdaptedVoice voice = AdaptedVoice::load(options.adapter, options.model);
    return {voice.model(), voice.pass(), voice.voices()};
  }
  const LoadedAcousticModel found = load_acoustic_model(find_model(options.model));
  if (found.is_fresh) {
    fail("{}: has no weights, so it would speak noise; train it (sure train --task tts --method finetune)",
         options.model);
  }
  return {found.model};
}

struct Timed {
  SynthesisReport report;
  double seconds = 0;
};

Timed synthesise(const Synthesiser& synthesiser, const std::string& text, const fs::path& output, Progress& progress) {
  const auto start = Clock::now();
  Timed timed;
  write_audio(output, synthesiser.rate(), [&](const SampleSink& sink) {
    timed.report = synthesiser.speak(
        text, sink, [&](int64_t done, int64_t all) { progress.on_preparation("sentences", done, all); });
  });
  timed.seconds = seconds_since(start);
  return timed;
}

void warn(const SynthesisReport& report) {
  if (!report.unknown.empty()) {
    fmt::print(stderr, "sure: the model does not know these characters and leaves them out: {}\n",
               printable(fmt::format("{}", fmt::join(report.unknown, " "))));
  }
  if (report.cut > 0) {
    fmt::print(stderr, "sure: {} of {} did not end by itself and was cut (--max_frames)\n", report.cut,
               counted(report.sentences, "sentence"));
  }
}

void print_report(const Timed& timed, int64_t rate, bool json, const fs::path& output) {
  const double speech = static_cast<double>(timed.report.samples) / static_cast<double>(rate);
  const double factor = timed.seconds / speech;
  warn(timed.report);
  if (json) {
    print_json({{"output", output.string()},
                {"sentences", timed.report.sentences},
                {"cut", timed.report.cut},
                {"unknown", timed.report.unknown},
                {"rate", rate},
                {"speech_seconds", speech},
                {"seconds", timed.seconds},
                {"real_time_factor", factor}});
    return;
  }
  fmt::print(stderr, "{}, {:.1f} s of speech in {:.1f} s (real-time factor {:.2f}): {}\n",
             counted(timed.report.sentences, "sentence"), speech, timed.seconds, factor, printable(output.string()));
}

void check_outputs(const SynthesizeOptions& options) {
  if (options.adapter.empty()) require_flag("model", options.model);
  if (!options.output.empty() && !options.output_dir.empty()) fail_usage("--output and --output_dir: leave one out");
  if (!options.output_dir.empty()) return;
  require_flag("output", options.output);
  if (options.output == "-" && options.json) fail_usage("--json and --output -: both want standard output");
}

/// A file for each line that is not blank, by its number. Returns how many lines have nothing to say.
int64_t speak_lines(const Synthesiser& synthesiser, const std::string& text, const SynthesizeOptions& options) {
  std::error_code error;
  fs::create_directories(options.output_dir, error);
  if (error) fail("--output_dir {}: cannot make this folder ({})", options.output_dir, error.message());
  int64_t failed = 0;
  Progress progress(stderr);
  for (TextLines lines(text, options.text_file.empty() ? "the text" : options.text_file); lines.next();) {
    const fs::path output = fs::path(options.output_dir) / fmt::format("{:04}.wav", lines.number());
    if (!can_be_said(lines.line())) {
      fmt::print(stderr, "sure: {}: nothing to say: no letter and no digit is in it\n", lines.where());
      ++failed;
      continue;
    }
    print_report(synthesise(synthesiser, std::string(lines.line()), output, progress), synthesiser.rate(), options.json,
                 output);
  }
  return failed;
}

void add_flags(FlagSet& flags, SynthesizeOptions& options) {
  flags.add("adapter", options.adapter, "folder of an adapter that sure train --task tts made, or of its run");
  flags.add("model", options.model,
            "folder of the model, or its name in the Hugging Face cache; with --adapter: the recorded one");
  flags.group("Text");
  flags.add("text", options.text, "what to say");
  flags.add("text_file", options.text_file, "a file with it; neither, or -: standard input");
  flags.group("Output");
  flags.add("output", options.output,
            "the sound: a name that ends in .wav, .flac or .ogg; -: WAV on standard output as it comes");
  flags.add("output_dir", options.output_dir, "instead: a folder for one WAV a line, named by its number: 0001.wav");
  flags.add("json", options.json, "print JSON, a line for each file");
  flags.add_all("Voice", options.synthesis);
}

}  // namespace

int run_synthesize(const Arguments& arguments) {
  FlagSet flags("sure synthesize",
                "Speaks a text, sentence by sentence, with a SpeechT5 from a Hugging Face folder or with an adapter\n"
                "that was trained on one. A voice needs its owner's consent.",
                "sure synthesize --model speecht5_tts --vocoder speecht5_hifigan --speaker voice.npy "
                "--text \"Hello there.\" --output hello.wav");
  SynthesizeOptions options;
  add_flags(flags, options);
  if (!flags.parse(arguments)) return 0;
  check_outputs(options);
  check_options(options.synthesis);
  const fs::path output = options.output == "-" ? "/dev/stdout" : options.output;
  if (options.output_dir.empty()) check_audio_output(output);
  const std::string text = text_of(options);
  const Synthesiser synthesiser(load(options), options.synthesis);
  if (!options.output_dir.empty()) return speak_lines(synthesiser, text, options) > 0 ? 1 : 0;
  Progress progress(stderr);
  print_report(synthesise(synthesiser, text, output, progress), synthesiser.rate(), options.json, output);
  return 0;
}

}  // namespace sure
