// sure: the table of commands, and what becomes of an error.
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/flag_names.h"
#include "cli/print.h"
#include "cli/signals.h"
#include "cli/world_run.h"
#include "core/error.h"
#include "core/torch_error.h"
#include "kernels/dispatch.h"
#include "kernels/neighbours.h"
#include "model/device.h"
#include "text/printable.h"

namespace {

using sure::Command;

const std::vector<Command> kCommands = {
    {"train", "adapt a pre-trained speech model to a data set", sure::run_train, /*shares=*/true},
    {"evaluate", "measure an adapted model on a data set", sure::run_evaluate, /*shares=*/true},
    {"predict", "label audio files with an adapted model", sure::run_predict},
    {"verify", "score pairs of clips: does one speaker say both?", sure::run_verify},
    {"inspect", "count what a tuning method would train, or list what an adapter holds", sure::run_inspect},
    {"export", "write an adapter for Python's PEFT or transformers", sure::run_export},
    {"compare", "train several methods one after another and print a table", sure::run_compare},
    {"pretrain", "make a speech model of one's own from recordings alone", sure::run_pretrain, /*shares=*/true},
    {"synthesize", "speak a text with a SpeechT5", sure::run_synthesize},
    {"judge", "measure synthetic speech beside recordings of the same words", sure::run_judge},
};

void print_help() {
  fmt::print(
      "sure adapts pre-trained speech models (wav2vec 2.0, HuBERT, WavLM, data2vec) to a task by training few of their "
      "parameters.\n\n"
      "Usage: sure COMMAND [FLAGS]\n\nCommands:\n");
  for (const Command& command : kCommands) fmt::print("  {:<12}{}\n", command.name, command.help);
  fmt::print(
      "  {:<12}{}\n  {:<12}{}\n\n`sure COMMAND --help` lists a command's flags.\n\nExample:\n"
      "  sure train --dataset folder --data_dir clips --output_dir output\n"
      "  sure predict --adapter output/best_model new.wav\n",
      "completion", "print a script for the shell: source <(sure completion bash)", "--version",
      "print the version, libtorch's, and the kernels that this processor runs");
}

void print_version() {
  fmt::print("sure {} (libtorch {}, kernels {})\n", SURE_VERSION, TORCH_VERSION, sure::kernels::chosen_kernels());
}

const Command* find_command(const std::string& name) {
  const auto found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  const std::string nearest = sure::nearest_name(name, names);
  if (!nearest.empty()) sure::fail_usage("unknown command '{}': did you mean {}?", name, nearest);
  sure::fail_usage("unknown command '{}': use one of {}", name, fmt::join(names, ", "));
}

int run_command(const sure::Arguments& arguments) {
  const std::string name = arguments.empty() ? "--help" : arguments.front();
  const sure::Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (name == "--help" || name == "-h" || name == "--help-all" || (name == "help" && rest.empty())) {
    print_help();
    return 0;
  }
  if (name == "--version" || name == "-V" || name == "version") {
    print_version();
    return 0;
  }
  if (name == "completion") return sure::run_completion(rest, kCommands);
  const Command* command = find_command(name == "help" ? rest.front() : name);
  if (command == nullptr) refuse_command(name == "help" ? rest.front() : name);
  if (!command->shares) sure::require_one_process(command->name);
  return command->run(name == "help" ? sure::Arguments{"--help"} : rest);
}

/// A full disk behind standard output is known only when the last of it is written.
void flush_output() {
  if (std::fflush(stdout) != 0 && errno != EPIPE) sure::fail("cannot write the output: {}", std::strerror(errno));
}

/// Prints the message on one line and returns `code`. Names in it may hold anything.
int report(const std::string& message, int code) {
  sure::tell(stderr, fmt::format("sure: {}\n", sure::printable(message)));
  return code;
}

/// In place of what the caller closed: files that are opened later must not become standard streams. Reading and
/// writing them fails as before; messages are not missed.
void hold_standard_streams() {
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int stream = 0; stream < 3; ++stream) {
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", kModes[stream]);  // NOLINT: the lowest free number is this
  }
}

/// For messages that others wrote, in several lines.
std::string on_one_line(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_streams();
  sure::compute_in_full_precision();
  sure::explain_bus_errors();
  std::signal(SIGPIPE, SIG_DFL);  // `sure … | head` ends quietly, also below a parent that ignores the signal
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
  const sure::kernels::NeighbourWatch neighbours;
  try {
    const int code = run_command({argv + 1, argv + argc});
    flush_output();
    return code;
  } catch (const sure::OtherRankFailed&) {
    return 1;
  } catch (const sure::Error& error) {
    return report(error.what(), error.kind() == sure::ErrorKind::usage ? 2 : 1);
  } catch (const c10::Error& error) {
    return report(sure::describe(error), 1);
  } catch (const std::bad_alloc&) {
    return report("out of memory: try a smaller batch or --gradient_checkpointing True", 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(fmt::format("{}: {}", error.path1().string(), error.code().message()), 1);
  } catch (const std::exception& error) {
    return report(on_one_line(error.what()), 1);
  }
}
