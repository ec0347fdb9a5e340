// The Python that reproduces an exported model's outputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/adapted_model.h"

namespace sure {

/// What `sure export` wrote: a whole model, or a PEFT adapter for the base model.
enum class ExportKind { whole_model, peft };

/// A format: one row of the table.
struct ExportFormat {
  std::string name;
  void (*write)(const AdaptedModel& model, const std::filesystem::path& folder);
  ExportKind kind;
};

const std::vector<ExportFormat>& export_formats();

/// Lines that load `folder` in transformers (and PEFT), hear clip.wav as the model does here, cut, normalised, padded
/// and masked alike, and name the logits `logits`: [C], of a recogniser [T, C] with its `text`, or the `embedding` [E]
/// of a voice.
std::string python_lines(const AdaptedModel& model, ExportKind kind, const std::filesystem::path& folder);

/// Writes README.md with the lines into the folder `written`, which is to become `folder`.
void write_use(const AdaptedModel& model, ExportKind kind, const std::filesystem::path& folder,
               const std::filesystem::path& written);

}  // namespace sure
