// Sources include only what lies below their module: the edges of CMakeLists.txt, which this test reads.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "core/atomic_file.h"

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
  EXPECT_THAT(all_below(edges, "backbone"), testing::UnorderedElementsAre("formats", "nn", "fused", "kernels", "core"));
  EXPECT_THAT(all_below(edges, "data"), testing::UnorderedElementsAre("audio", "text", "core"));
}

TEST(IncludeDirection, SourcesIncludeOnlyWhatLiesBelow) {
  const Edges edges = declared_edges();
  size_t files = 0;
  for (const auto& [module, direct] : edges) {
    const std::set<std::string> below = all_below(edges, module);
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src" / module)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
      ++files;
      for (const std::string& included : included_modules(entry.path(), edges)) {
        EXPECT_TRUE(included == module || below.contains(included)) << entry.path() << " includes from " << included;
      }
    }
  }
  EXPECT_GE(files, edges.size());
}

}  // namespace sure
