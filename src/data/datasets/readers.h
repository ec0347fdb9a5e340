// One reader per corpus. Each returns the splits of its layout under `options.data_dir`, which exists; `classes`
// stay empty unless the corpus has an order of its own. Each throws Error («expected … found …») for another layout.
#pragma once

#include <string>

#include "data/dataset.h"

namespace sure {

/// A file or folder that is one split.
struct SplitName {
  const char* name;
  Split split;
};

Utterances read_esd(const DataOptions& options, const Wanted& wanted);
Utterances read_speech_commands(const DataOptions& options, const Wanted& wanted);
Utterances read_vctk(const DataOptions& options, const Wanted& wanted);
Utterances read_fsdd(const DataOptions& options, const Wanted& wanted);
Utterances read_librispeech(const DataOptions& options, const Wanted& wanted);
Utterances read_fleurs(const DataOptions& options, const Wanted& wanted);
Utterances read_voxpopuli(const DataOptions& options, const Wanted& wanted);
Utterances read_meld(const DataOptions& options, const Wanted& wanted);
Utterances read_iemocap(const DataOptions& options, const Wanted& wanted);
Utterances read_fluent_speech_commands(const DataOptions& options, const Wanted& wanted);
Utterances read_audio_snips(const DataOptions& options, const Wanted& wanted);
Utterances read_libritts(const DataOptions& options, const Wanted& wanted);
Utterances read_l2arctic(const DataOptions& options, const Wanted& wanted);
Utterances read_ljspeech(const DataOptions& options, const Wanted& wanted);
/// Where a text is wanted: of the files beside the recordings.
Utterances read_folder_texts(const DataOptions& options);
Utterances read_folder(const DataOptions& options, const Wanted& wanted);
/// By its columns: label, text, phonemes, intents, speakers, the first that is there.
Field usual_manifest_field(const DataOptions& options);

Utterances read_manifest(const DataOptions& options, const Wanted& wanted);

}  // namespace sure
