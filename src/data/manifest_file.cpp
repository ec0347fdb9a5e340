#include "data/manifest_file.h"

#include <algorithm>
#include <array>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/audio_files.h"
#include "text/encoding.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

struct Format {
  std::string name;  // the file's extension
  RecordParser parse;
};

const std::vector<Format> kFormats = {{".csv", &parse_csv},
                                      {".tsv", &parse_tsv},
                                      {".jsonl", &parse_json_lines},
                                      {".ndjson", &parse_json_lines},
                                      {".json", &parse_json_records}};

constexpr std::array<const char*, 2> kUsualNames = {"metadata", "manifest"};

/// The one file of a usual name in a folder. Throws Error for several.
std::optional<fs::path> usual_file(const fs::path& folder) {
  for (const char* stem : kUsualNames) {
    std::vector<fs::path> found;
    for (const Format& format : kFormats) {
      fs::path file = folder / (stem + format.name);
      if (fs::is_regular_file(file)) found.push_back(std::move(file));
    }
    if (found.size() > 1) {
      fail("{}: both {} and {} are here; name one with --data_dir", folder.string(), found[0].filename().string(),
           found[1].filename().string());
    }
    if (!found.empty()) return found.front();
  }
  return std::nullopt;
}

std::vector<ManifestFile> files_named_like_splits(const fs::path& folder) {
  std::vector<ManifestFile> files;
  for (const Format& format : kFormats) {
    for (const fs::path& file : files_in(folder, format.name)) {
      if (const auto split = find_split(file.stem().string())) files.push_back({file, split});
    }
  }
  return files;
}

std::vector<ManifestFile> files_in_splits(const fs::path& folder) {
  std::vector<ManifestFile> files;
  for (const fs::path& inner : folders_in(folder)) {
    const auto split = find_split(inner.filename().string());
    if (!split) continue;
    if (const auto file = usual_file(inner)) files.push_back({*file, split});
  }
  return files;
}

/// Lines end with CR alone in files of old Macs, and of Excel's «CSV (Macintosh)».
std::string with_usual_line_ends(std::string text) {
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), '\r', '\n');
  return text;
}

}  // namespace

std::vector<ManifestFile> find_manifest_files(const fs::path& data_dir) {
  if (!fs::is_directory(data_dir)) return {{data_dir, std::nullopt}};
  if (const auto file = usual_file(data_dir)) return {{*file, std::nullopt}};
  std::vector<ManifestFile> files = files_named_like_splits(data_dir);
  if (files.empty()) files = files_in_splits(data_dir);
  if (!files.empty()) return files;
  fail(
      "{}: a folder, expected the manifest's file, or in the folder metadata.csv (or .tsv, .jsonl, .json) or train.csv "
      "and test.csv; found {}",
      data_dir.string(), describe_contents(data_dir));
}

std::vector<Record> read_manifest_file(const fs::path& file) {
  const Format& format = find_row(kFormats, file.extension().string(), "extension of the manifest");
  const std::string text = with_usual_line_ends(utf16_to_utf8(read_file(file), file.string()));
  std::vector<Record> records = format.parse(text, file.string());
  if (records.empty()) fail("{}: lists no clips, expected one row per clip", file.string());
  return records;
}

}  // namespace sure
