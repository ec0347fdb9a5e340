// The columns of a manifest: our names for them, and those of NeMo, Hugging Face, Common Voice and others.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace sure {

/// The columns of a file under our names.
class ManifestColumns {
 public:
  /// `columns`: the file's; `named`: "path=clip" for each that a person names. `source` leads messages. Throws a usage
  /// Error for a name that is none of ours and a column that is not there; Error where two columns could be one and
  /// none has our name.
  ManifestColumns(const std::vector<std::string>& columns, const std::vector<std::string>& named,
                  const std::string& source);

  bool has(const std::string& ours) const { return theirs_.contains(ours); }

  /// Their name of a column of ours; ours where there is none, for messages. Throws Error where two could be meant.
  const std::string& theirs(const std::string& ours) const;

 private:
  std::string source_;
  std::map<std::string, std::vector<std::string>> theirs_;
};

/// The names that each of ours goes by, for messages: "path (or file_name, audio_filepath, …)".
std::string describe_column(const std::string& ours);

}  // namespace sure
