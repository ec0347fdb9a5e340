// One reader per corpus. Each returns the splits of its layout under `options.data_dir`, which exists; labels stay
// empty unless the corpus has an order of its own. Each throws Error («expected … found …») for another layout.
#pragma once

#include <string>

#include "data/dataset.h"

namespace sure {

Dataset read_esd(const DataOptions& options, const std::string& task);
Dataset read_speech_commands(const DataOptions& options, const std::string& task);
Dataset read_vctk(const DataOptions& options, const std::string& task);
Dataset read_fsdd(const DataOptions& options, const std::string& task);
Dataset read_librispeech(const DataOptions& options, const std::string& task);
Dataset read_fleurs(const DataOptions& options, const std::string& task);
Dataset read_voxpopuli(const DataOptions& options, const std::string& task);
Dataset read_meld(const DataOptions& options, const std::string& task);
Dataset read_iemocap(const DataOptions& options, const std::string& task);
Dataset read_fluent_speech_commands(const DataOptions& options, const std::string& task);
Dataset read_audio_snips(const DataOptions& options, const std::string& task);
Dataset read_folder(const DataOptions& options, const std::string& task);
/// By its columns: label: classify, text: asr, phonemes, intents, speakers.
std::string usual_manifest_task(const DataOptions& options);

Dataset read_manifest(const DataOptions& options, const std::string& task);

}  // namespace sure
