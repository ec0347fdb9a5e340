"""What scripts/make_pretrain_corpus.py lays out for pre-training."""

import csv
import fnmatch
import shutil
import subprocess
import sys

import pytest
import soundfile

from programs import ROOT

ARPABET = set("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH SIL T TH UH UW V W Y Z "
              "ZH".split())
SHARDS = 3  # of six minutes; every third is flite's


@pytest.fixture(scope="module")
def make_corpus(shared_data):
    def run(folder, *flags):
        script = ROOT / "scripts" / "make_pretrain_corpus.py"
        flags = ["--data", shared_data, "--hours", SHARDS / 10, *flags]
        done = subprocess.run([sys.executable, script, folder, *map(str, flags)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return folder

    return run


@pytest.fixture(scope="module")
def corpus(make_corpus, tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("corpus"), "--real_copies", 2)


@pytest.fixture(scope="module")
def clips(corpus):
    with open(corpus / "clips.tsv", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_keeps_test_recordings_out(corpus, shared_data):
    kept_out = (corpus / "held_out.txt").read_text().splitlines()
    linked = {copy: {str(path.relative_to(corpus / "real" / copy)) for path in (corpus / "real" / copy).rglob("*.flac")}
              for copy in ("0", "1")}
    everything = {str(path.relative_to(shared_data)) for path in shared_data.rglob("*.flac")}
    assert linked["0"] == linked["1"] == everything - set(kept_out)
    assert all((corpus / "real" / "0" / path).is_file() for path in linked["0"])
    for pattern in ("fsdd/*yweweler*", "fsdd/*_george_4.flac", "LibriSpeech/test-other/*", "emodb/wav/09*", "*p228_*"):
        assert fnmatch.filter(kept_out, pattern) and not fnmatch.filter(linked["0"], pattern), pattern
    for name in ("testing_list.txt", "validation_list.txt"):
        listed = (shared_data / "speech_commands_v0.01" / name).read_text().split()
        assert linked["0"].isdisjoint(f"speech_commands_v0.01/{clip[:-4]}.flac" for clip in listed)


def test_table_describes_the_audio(corpus, clips):
    synthetic = [clip for clip in clips if clip["path"].startswith("synthetic/")]
    assert {clip["path"] for clip in clips} == {
        str(path.relative_to(corpus)) for part in ("real", "synthetic") for path in (corpus / part).rglob("*.flac")}
    assert {"label": "seven", "speaker": "lucas"} in [
        {"label": clip["text"], "speaker": clip["speaker"]} for clip in clips if "fsdd" in clip["path"]]
    assert any(clip["speaker"].startswith("flite-") for clip in synthetic)
    seconds = 0
    for clip in synthetic:
        audio = soundfile.info(corpus / clip["path"])
        assert (audio.samplerate, audio.channels, audio.format) == (16000, 1, "FLAC")
        assert clip["text"] and clip["speaker"]
        phones, ends = zip(*(phone.split(":") for phone in clip["phones"].split()))
        assert set(phones) <= ARPABET | {"SPN"}, clip
        ends = [float(end) for end in ends]
        assert ends == sorted(ends) and audio.duration / 2 < ends[-1] < audio.duration + 0.01, clip
        seconds += audio.duration
    assert SHARDS * 360 <= seconds < SHARDS * 390


def test_goes_on_after_a_kill_with_the_same_speech(make_corpus, corpus, tmp_path):
    (tmp_path / "synthetic" / "1-0001.part").mkdir(parents=True)
    shutil.copytree(corpus / "synthetic" / "1-0000", tmp_path / "synthetic" / "1-0000")
    make_corpus(tmp_path, "--real_copies", 0, "--jobs", 1)
    files = sorted(path.relative_to(corpus) for path in (corpus / "synthetic").rglob("*.*"))
    assert files == sorted(path.relative_to(tmp_path) for path in (tmp_path / "synthetic").rglob("*.*"))
    assert all((corpus / path).read_bytes() == (tmp_path / path).read_bytes() for path in files if path.suffix)


def test_hears_phones_without_a_transcript(shared_data, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    from corpus_labels import recognise_all

    clip = shared_data / "LibriSpeech" / "test-clean" / "237" / "134500" / "237-134500-0000.flac"
    [(path, heard)] = recognise_all([clip])
    assert path == clip
    assert "about this divorce case" in heard.text
    phones, ends = zip(*heard.phones)
    assert set(phones) <= ARPABET
    assert "D IH V AO R S K EY S" in " ".join(phones)
    assert sorted(ends) == list(ends) and abs(ends[-1] - soundfile.info(clip).duration) < 0.1
