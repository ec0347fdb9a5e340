// Folders that a test may fill, and the real recordings that lie beside the project.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sure::test {

/// An empty folder, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sure_test_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The folder of real recordings: SURE_SHARED_DATA, else ../shared/data beside the project. Empty when there is none.
inline std::filesystem::path shared_data() {
  const char* named = std::getenv("SURE_SHARED_DATA");
  const std::filesystem::path folder = named ? named : std::filesystem::path(SURE_SOURCE_DIR) / "../shared/data";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace sure::test
