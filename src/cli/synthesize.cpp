// sure synthesize: text -> speech in a file, or as it comes on standard output.
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
#include "text/counted.h"
#include "text/printable.h"
#include "tts/synthesiser.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

struct SynthesizeOptions {
  std::string model;
  std::string text;
  std::string text_file;
  std::string output;
  SynthesisOptions synthesis;
  bool json = false;
};

std::string read_standard_input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

std::string text_of(const SynthesizeOptions& options) {
  if (!options.text.empty() && !options.text_file.empty()) fail_usage("--text and --text_file: leave one out");
  if (!options.text.empty()) return options.text;
  return options.text_file.empty() || options.text_file == "-" ? read_standard_input() : read_file(options.text_file);
}

struct Timed {
  SynthesisReport report;
  double seconds = 0;
};

Timed synthesise(const Synthesiser& synthesiser, const std::string& text, const fs::path& output) {
  Progress progress(stderr);
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

void print_report(const Timed& timed, int64_t rate, const SynthesizeOptions& options, const fs::path& output) {
  const double speech = static_cast<double>(timed.report.samples) / static_cast<double>(rate);
  const double factor = timed.seconds / speech;
  warn(timed.report);
  if (options.json) {
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

}  // namespace

int run_synthesize(const Arguments& arguments) {
  FlagSet flags("sure synthesize",
                "Speaks a text with a SpeechT5 from a Hugging Face folder, sentence by sentence. A voice needs its\n"
                "owner's consent.",
                "sure synthesize --model speecht5_tts --vocoder speecht5_hifigan --speaker voice.npy "
                "--text \"Hello there.\" --output hello.wav");
  SynthesizeOptions options;
  flags.add("model", options.model, "folder of a SpeechT5ForTextToSpeech, or its name in the Hugging Face cache");
  flags.group("Text");
  flags.add("text", options.text, "what to say");
  flags.add("text_file", options.text_file, "a file with it; neither, or -: standard input");
  flags.group("Output");
  flags.add("output", options.output,
            "the sound: a name that ends in .wav, .flac or .ogg; -: WAV on standard output as it comes");
  flags.add("json", options.json, "print JSON");
  flags.add_all("Voice", options.synthesis);
  if (!flags.parse(arguments)) return 0;
  require_flag("model", options.model);
  require_flag("output", options.output);
  const fs::path output = options.output == "-" ? "/dev/stdout" : options.output;
  if (options.output == "-" && options.json) fail_usage("--json and --output -: both want standard output");
  check_audio_output(output);
  const std::string text = text_of(options);
  const Synthesiser synthesiser(find_model(options.model), options.synthesis);
  print_report(synthesise(synthesiser, text, output), synthesiser.rate(), options, output);
  return 0;
}

}  // namespace sure
