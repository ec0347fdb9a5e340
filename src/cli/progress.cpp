#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <vector>

#include "cli/print.h"
#include "text/printable.h"

namespace sure {

namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLine{5};
constexpr double kSilence = 2;  // seconds; what is over sooner needs no bar
constexpr int64_t kBarWidth = 24;
constexpr size_t kUsualColumns = 80;
const std::string kSeparator = " · ";
constexpr double kSmoothing = 0.1;  // weight of the newest step in the running mean

std::string bar(int64_t done, int64_t total) {
  const int64_t filled = total > 0 ? kBarWidth * done / total : 0;
  std::string text;
  for (int64_t i = 0; i < kBarWidth; ++i) text += i < filled ? "█" : "░";
  return text;
}

}  // namespace

Progress::Progress(std::FILE* stream) : stream_(stream), terminal_(::isatty(::fileno(stream)) != 0) {}

Progress::~Progress() { clear_bar(); }

void Progress::clear_bar() {
  if (bar_drawn_) tell(stream_, "\r\x1b[K");
  bar_drawn_ = false;
  std::fflush(stream_);
}

/// Leaves the bar as it is and goes on below it.
void Progress::end_bar() {
  if (bar_drawn_) tell(stream_, "\n");
  bar_drawn_ = false;
  std::fflush(stream_);
}

void Progress::draw_bar(int64_t done, int64_t total, const std::vector<std::string>& parts) {
  const size_t columns = terminal_columns(stream_, kUsualColumns) - 1;  // the last one would wrap on some terminals
  std::string line = bar(done, total) + " " + parts.front();
  for (size_t i = 1; i < parts.size(); ++i) {
    if (columns_of(line) + columns_of(kSeparator) + columns_of(parts[i]) > columns) break;
    line += kSeparator + parts[i];
  }
  tell(stream_, "\r\x1b[K" + cut_to_columns(line, columns));
  bar_drawn_ = true;
}

void Progress::show(int64_t done, int64_t total, const std::vector<std::string>& parts) {
  const Clock::time_point now = Clock::now();
  const bool first = shown_ == Clock::time_point();
  const bool last = done >= total;
  const Clock::duration pause = terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLine);
  if (!first && !last && now - shown_ < pause) return;
  shown_ = now;
  if (terminal_) {
    draw_bar(done, total, parts);
  } else {
    tell(stream_, fmt::format("{}\n", fmt::join(parts, kSeparator)));
  }
  std::fflush(stream_);
}

void Progress::on_message(const std::string& message) {
  clear_bar();
  tell(stream_, printable_lines(message) + "\n");
  std::fflush(stream_);
}

double Progress::seconds_at(const std::string& what) {
  const Clock::time_point now = Clock::now();
  if (what != preparing_) {
    preparing_ = what;
    preparing_since_ = now;
  }
  return std::chrono::duration<double>(now - preparing_since_).count();
}

void Progress::on_preparation(const std::string& what, int64_t done, int64_t total) {
  if (seconds_at(what) < kSilence) return;
  show(done, total, {fmt::format("{}: {}/{} clips", what, done, total)});
}

void Progress::on_step(const StepReport& step) {
  step_seconds_ += (step_seconds_ == 0 ? 1.0 : kSmoothing) * (step.seconds - step_seconds_);
  const double left = step_seconds_ * static_cast<double>(step.total_steps - step.step);
  const double rate = step.seconds > 0 ? static_cast<double>(step.clips) / step.seconds : 0;
  show(step.step, step.total_steps,
       {fmt::format("step {}/{}", step.step, step.total_steps), format_duration(left) + " left",
        fmt::format("loss {:.4f}", step.loss), fmt::format("{:.2f} s/step", step_seconds_),
        fmt::format("epoch {:.2f}", step.epoch), fmt::format("{:.1f} clips/s", rate),
        fmt::format("rate {:.3g}", step.learning_rate)});
  if (step.step == step.total_steps) end_bar();
}

void Progress::on_recording(const std::string& name, double done, double total) {
  const double seconds = seconds_at(name);
  if (seconds < kSilence || done <= 0) return;
  const double rate = done / seconds;
  show(std::llround(done), std::llround(total),
       {fmt::format("{} of {} heard", format_duration(done), format_duration(total)),
        format_duration((total - done) / rate) + " left", fmt::format("{:.1f} s of sound a second", rate),
        printable(name)});
}

void Progress::on_evaluation_progress(int64_t done, int64_t total) {
  show(done, total, {fmt::format("evaluating {}/{} clips", done, total)});
}

void Progress::on_evaluation(const EvaluationReport& evaluation) {
  on_message(fmt::format("step {}: validation {}{}", evaluation.step, format_metrics(evaluation.metrics),
                         evaluation.best ? " · best so far, by " + evaluation.best_by : ""));
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  const int64_t hours = whole / 3600;
  const int64_t minutes = whole / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string format_metrics(const Metrics& metrics) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : metrics) parts.push_back(fmt::format("{} {:.4f}", name, value));
  return fmt::format("{}", fmt::join(parts, " · "));
}

}  // namespace sure
