// What only one architecture's checkpoints call a tensor is known to its own files: everything else goes by the
// canonical names (nn/encoder_part.h).
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>
#include <vector>

#include "backbone/backbone.h"
#include "core/atomic_file.h"

namespace fs = std::filesystem;

namespace sure {

namespace {

const fs::path kSource = fs::path(SURE_SOURCE_DIR) / "src";

/// String literals of a file, without its comments.
std::vector<std::string> literals_of(const fs::path& file) {
  static const std::regex comment(R"(//[^\n]*)"), literal(R"re("((?:[^"\\\n]|\\.)*)")re");
  const std::string code = std::regex_replace(read_file(file), comment, "");
  std::vector<std::string> literals;
  for (std::sregex_iterator match(code.begin(), code.end(), literal), end; match != end; ++match) {
    literals.push_back((*match)[1]);
  }
  return literals;
}

/// Where a name may stand: the files of the layers and backbones that have the tensor.
bool may_know(const fs::path& file) {
  const fs::path folder = file.lexically_relative(kSource).begin()->string();
  return folder == "backbone" || folder == "nn";
}

std::vector<std::string> names_of_architectures() {
  std::vector<std::string> names = {"gru_rel_pos", "rel_attn_embed", "pos_conv_embed", "masked_spec_embed",
                                    "adapter_layer"};
  for (const BackboneKind& kind : backbone_kinds()) names.push_back(kind.prefix + ".");
  return names;
}

}  // namespace

TEST(TensorNames, OfAnArchitectureStandInItsFilesOnly) {
  size_t files = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kSource)) {
    const fs::path& file = entry.path();
    if (!entry.is_regular_file() || (file.extension() != ".cpp" && file.extension() != ".h") || may_know(file))
      continue;
    ++files;
    for (const std::string& literal : literals_of(file)) {
      for (const std::string& name : names_of_architectures()) {
        EXPECT_EQ(literal.find(name), std::string::npos) << file << ": \"" << literal << "\" holds '" << name << "'";
      }
    }
  }
  EXPECT_GT(files, 300U);
}

TEST(TensorNames, AreFoundWhereTheyMayStand) {
  const std::vector<std::string> literals = literals_of(kSource / "nn" / "relative_positions.cpp");
  EXPECT_THAT(literals, testing::Contains("gru_rel_pos_const"));
}

}  // namespace sure
