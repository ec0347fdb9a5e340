// Progress of training and evaluation: on a terminal a bar that is redrawn, elsewhere a plain line every few seconds.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/signals.h"
#include "train/run.h"

namespace sure {

class Progress : public RunObserver {
 public:
  /// `stream` gets everything; it is a terminal or not.
  explicit Progress(std::FILE* stream);
  ~Progress() override;

  void on_message(const std::string& message) override;
  /// Shown when it takes longer than two seconds.
  void on_preparation(const std::string& what, int64_t done, int64_t total) override;
  void on_step(const StepReport& step) override;
  /// How much of a recording has been heard, in seconds of it; shown when it takes longer than two seconds.
  void on_recording(const std::string& name, double done, double total);
  /// Makes room for what others write to the terminal.
  void clear_bar();
  void on_evaluation_progress(int64_t done, int64_t total) override;
  void on_evaluation(const EvaluationReport& evaluation) override;

 private:
  using Clock = std::chrono::steady_clock;

  /// Seconds since the first call for `what`.
  double seconds_at(const std::string& what);
  /// Shows a state of things, unless the last one is too recent and this is not the end of it. On a terminal, as many
  /// of `parts` as fit on a line.
  void show(int64_t done, int64_t total, const std::vector<std::string>& parts);
  void draw_bar(int64_t done, int64_t total, const std::vector<std::string>& parts);
  void end_bar();

  std::FILE* stream_;
  bool terminal_;
  bool bar_drawn_ = false;
  Clock::time_point shown_;
  std::string preparing_;
  Clock::time_point preparing_since_;
  double step_seconds_ = 0;  // running mean
};

constexpr const char* kResumable =
    "interrupted: the same command with --resume latest goes on from the last checkpoint";

/// Progress of a run that leaves checkpoints: Ctrl-C promises no more than there is.
class RunProgress : public Progress {
 public:
  using Progress::Progress;
  void on_checkpoint() override {
    if (!saved_) explain_interrupt(kResumable);
    saved_ = true;
  }

 private:
  bool saved_ = false;
};

/// "1:02:03" or "2:03".
std::string format_duration(double seconds);

/// "accuracy 0.9000 · f1 0.8989 · loss 0.3210".
std::string format_metrics(const Metrics& metrics);

}  // namespace sure
