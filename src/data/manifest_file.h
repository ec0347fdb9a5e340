// The files of a manifest: which they are, and their rows.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "data/records.h"
#include "data/splits.h"

namespace sure {

struct ManifestFile {
  std::filesystem::path path;
  std::optional<Split> split;  // of all its rows, where its name or its folder's says so
};

/// `data_dir` itself, or in a folder: metadata.csv (or .tsv, .jsonl, .json), else one file for each split, train.tsv …,
/// else train/metadata.csv …. Throws Error when there is none.
std::vector<ManifestFile> find_manifest_files(const std::filesystem::path& data_dir);

/// Its rows, by its extension: CSV (with commas, semicolons or tabs), TSV, JSON lines, or a JSON array. Throws Error
/// for another extension, a file without rows, and as the parsers do.
std::vector<Record> read_manifest_file(const std::filesystem::path& file);

}  // namespace sure
