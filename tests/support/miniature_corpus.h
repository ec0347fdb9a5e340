// A corpus in miniature under its true names: a fixture for readers.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tasks/task.h"
#include "tasks/task_data.h"
#include "tests/support/audio.h"

namespace sure::test {

class MiniatureCorpus : public ::testing::Test {
 protected:
  /// Readers do not decode clips, so one clip under many names will do, whatever their extension; the name behind it
  /// makes it differ from the others.
  void clip(const std::filesystem::path& name) {
    const std::filesystem::path source = folder_ / ".clip.wav";
    if (!std::filesystem::exists(source)) write_wav(source, some_speech());
    std::filesystem::create_directories((root() / name).parent_path());
    std::filesystem::copy_file(source, root() / name);
    std::ofstream(root() / name, std::ios::binary | std::ios::app) << name.string();
  }

  void text(const std::filesystem::path& name, const std::string& content) {
    std::filesystem::create_directories((root() / name).parent_path());
    std::ofstream(root() / name, std::ios::binary) << content;
  }

  std::filesystem::path root() const { return folder_.path(); }

  DataOptions options() const {
    DataOptions options;
    options.data_dir = root().string();
    options.allow_missing = allow_missing_;
    return options;
  }

  /// As for training.
  Dataset read(const std::string& dataset, const std::string& task) const {
    return read_dataset(options_for(dataset), task);
  }

  /// What the reader alone makes of it.
  Dataset read_by(Utterances (*reader)(const DataOptions&, const Wanted&), const std::string& task) const {
    const Wanted& wanted = find_task(task).wanted;
    return choose_targets(reader(options(), wanted), wanted.field);
  }

  DataOptions options_for(const std::string& dataset) const {
    DataOptions request = options();
    request.dataset = dataset;
    return request;
  }

  bool allow_missing_ = false;

 private:
  TemporaryFolder folder_;
};

inline std::vector<std::string> targets_of(const std::vector<Example>& examples) {
  std::vector<std::string> targets;
  for (const Example& example : examples) targets.push_back(example.target);
  return targets;
}

}  // namespace sure::test
