// Sources include only what lies below their module: the edges of CMakeLists.txt, which this test reads. And what does
// not depend on the tasks names none, not even in a string.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "core/atomic_file.h"
#include "tasks/task.h"
#include "text/utf8.h"

namespace fs = std::filesystem;

namespace sure {

namespace {

const fs::path kRoot = SURE_SOURCE_DIR;

using Edges = std::map<std::string, std::set<std::string>>;

/// sure_module(NAME DEPENDS…) and sure_program(PROGRAM FOLDER DEPENDS…).
Edges declared_edges() {
  static const std::regex declaration(R"(sure_(?:module|program\(\w+ )\(?(\w+)([\w ]*)\))");
  const std::string text = read_file(kRoot / "CMakeLists.txt");
  Edges edges;
  for (std::sregex_iterator match(text.begin(), text.end(), declaration), end; match != end; ++match) {
    std::istringstream depends((*match)[2]);
    std::set<std::string>& below = edges[(*match)[1]];
    for (std::string name; depends >> name;) below.insert(name);
  }
  return edges;
}

void collect_below(const Edges& edges, const std::string& module, std::set<std::string>& below) {
  for (const std::string& next : edges.at(module)) {
    if (below.insert(next).second) collect_below(edges, next, below);
  }
}

std::set<std::string> all_below(const Edges& edges, const std::string& module) {
  std::set<std::string> below;
  collect_below(edges, module, below);
  return below;
}

/// Modules that the file includes from: the first folder of each quoted path that names one.
std::set<std::string> included_modules(const fs::path& file, const Edges& edges) {
  static const std::regex include(R"re(^\s*#include\s+"(\w+)/)re");
  std::set<std::string> modules;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, include) && edges.contains(match[1])) modules.insert(match[1]);
  }
  return modules;
}

/// Of a module's sources.
std::vector<fs::path> sources_of(const std::string& module) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src" / module)) {
    if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp") files.push_back(entry.path());
  }
  return files;
}

/// The string literals of a source file, without those in comments and includes.
std::vector<std::string> literals_in(const fs::path& file) {
  static const std::regex literal_or_comment(R"re(^\s*#include.*|//.*|'(?:[^'\\]|\\.)+'|"((?:[^"\\]|\\.)*)")re");
  std::vector<std::string> literals;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    for (std::sregex_iterator match(line.begin(), line.end(), literal_or_comment), end; match != end; ++match) {
      if ((*match)[1].matched) literals.push_back((*match)[1]);
    }
  }
  return literals;
}

/// By which tasks can be asked for, in lower case.
std::set<std::string> task_names() {
  std::set<std::string> names;
  for (const Task& task : tasks()) {
    names.insert(task.name);
    for (const std::string& alias : task.aliases) names.insert(lower_case(alias));
  }
  return names;
}

/// Whether a literal is a task's name or several, or has one behind the word «task».
bool names_a_task(const std::string& literal, const std::set<std::string>& names) {
  static const std::regex word("[A-Za-z]+");
  bool only_names = false;
  std::string before;
  for (std::sregex_iterator match(literal.begin(), literal.end(), word), end; match != end; ++match) {
    const std::string found = lower_case(match->str());
    const bool is_name = names.contains(found);
    if (is_name && before == "task") return true;
    only_names = is_name && (only_names || before.empty());
    before = found;
  }
  return only_names;
}

/// Words that are a task's name and something else.
const std::map<std::string, std::set<std::string>> kOtherMeanings = {
    {"data/manifest_columns.cpp", {"emotion", "keyword", "speaker"}},  // columns
    {"data/datasets/manifest.cpp", {"speaker"}},                       // a column
    {"data/datasets/meld.cpp", {"Emotion", "Speaker"}},                // columns
    {"data/folds.cpp", {"speaker", ", speaker "}},                     // one fold for each
    {"text/spoken_tables.cpp", {"sr."}},                               // senior
    {"tts/synthesiser.h", {"speaker"}},                                // a flag: whose voice
};

}  // namespace

TEST(IncludeDirection, EveryFolderIsDeclared) {
  const Edges edges = declared_edges();
  for (const auto& entry : fs::directory_iterator(kRoot / "src")) {
    EXPECT_TRUE(edges.contains(entry.path().filename())) << entry.path() << " has no sure_module in CMakeLists.txt";
  }
}

TEST(IncludeDirection, EdgesFormNoCycle) {
  const Edges edges = declared_edges();
  ASSERT_GE(edges.size(), 10U);
  for (const auto& [module, direct] : edges) EXPECT_FALSE(all_below(edges, module).contains(module)) << module;
}

TEST(IncludeDirection, BackbonesAndTuningMethodsMeetOnlyAtNn) {
  const Edges edges = declared_edges();
  EXPECT_THAT(all_below(edges, "tuning"), testing::UnorderedElementsAre("nn", "fused", "kernels", "core"));
  EXPECT_THAT(all_below(edges, "backbone"),
              testing::UnorderedElementsAre("formats", "nn", "fused", "kernels", "text", "core"));
  EXPECT_THAT(all_below(edges, "data"), testing::UnorderedElementsAre("audio", "text", "core"));
}

TEST(IncludeDirection, SourcesIncludeOnlyWhatLiesBelow) {
  const Edges edges = declared_edges();
  size_t files = 0;
  for (const auto& [module, direct] : edges) {
    const std::set<std::string> below = all_below(edges, module);
    for (const fs::path& file : sources_of(module)) {
      ++files;
      for (const std::string& included : included_modules(file, edges)) {
        EXPECT_TRUE(included == module || below.contains(included)) << file << " includes from " << included;
      }
    }
  }
  EXPECT_GE(files, edges.size());
}

TEST(TaskNames, AreKnownOnlyWhereTasksAre) {
  const Edges edges = declared_edges();
  const std::set<std::string> names = task_names();
  std::map<std::string, std::set<std::string>> found;
  for (const auto& [module, direct] : edges) {
    if (module == "tasks" || all_below(edges, module).contains("tasks")) continue;
    for (const fs::path& file : sources_of(module)) {
      for (const std::string& literal : literals_in(file)) {
        if (names_a_task(literal, names)) found[file.lexically_relative(kRoot / "src")].insert(literal);
      }
    }
  }
  EXPECT_EQ(found, kOtherMeanings);
}

TEST(TaskNames, AreSeenInLiterals) {
  const std::set<std::string> names = task_names();
  for (const char* literal : {"asr", "SER", "speaker, verification", "--task asr", "the task 'intent' has none"}) {
    EXPECT_TRUE(names_a_task(literal, names)) << literal;
  }
  for (const char* literal : {"", "--task", "asr_train.tsv", "who is the speaker", "speaker_id"}) {
    EXPECT_FALSE(names_a_task(literal, names)) << literal;
  }
}

}  // namespace sure
