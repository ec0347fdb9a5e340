"""Synthetic voices: espeak-ng (formant synthesis, many accents and timbres) and flite (four recorded speakers)."""

import ctypes
import subprocess
import tempfile
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy
import soundfile
from corpus_phones import as_arpabet

RATE = 16000  # Hz, of what `speak` returns


class Utterance(NamedTuple):
    samples: numpy.ndarray  # float, at RATE
    speaker: str
    phones: list[tuple[str, float]]  # ARPAbet symbol, its end in seconds


def resample(samples: numpy.ndarray, count: int) -> numpy.ndarray:
    spectrum = numpy.fft.rfft(samples)[: count // 2 + 1]
    return numpy.fft.irfft(spectrum, count) * (count / len(samples))


def as_new_speaker(utterance: Utterance, rate: int, random: Random) -> Utterance:
    """From `rate` to RATE, and a vocal tract up to 15 % longer or shorter: pitch and tempo change along."""
    stretch = random.uniform(0.85, 1.15)
    samples = resample(utterance.samples, round(len(utterance.samples) * RATE / rate * stretch))
    phones = [(symbol, end * stretch) for symbol, end in utterance.phones]
    return Utterance(samples, utterance.speaker, phones)


class Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("phoneme", ctypes.c_char * 8),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Espeak:
    """By its library, which tells when each phoneme starts. Its voices remember what they said (flutter), so that the
    same calls give the same speech only in a fresh process."""

    ENGLISH = ("en-us en-us en-us-nyc en en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd en-029").split()
    # They read English by their own rules: other vowels, other r, other rhythm.
    FOREIGN = "de nl sv da nb fr it es es-419 pt pt-br ro pl cs hu fi et tr id sw cy af".split()
    # Without the robots and demons.
    TIMBRES = (
        "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 klatt klatt2 klatt3 klatt4 klatt5 klatt6 croak whisper whisperf "
        "grandma grandpa adam Alex Alicia Andrea Andy Annie anika antonio aunty belinda benjamin boris caleb david Denis Diogo "
        "ed edward edward2 Gene Gene2 gustave Henrique Hugo iven iven2 iven3 iven4 Jacky john kaukovalta Lee linda "
        "marcelo Marco Mario max Michael michel miguel Mike Nguyen norbert pablo paul pedro quincy rob robert sandro "
        "shelby steph steph2 steph3 travis victor zac"
    ).split()

    SYNCHRONOUS, PHONEME_EVENTS_IPA, UTF8 = 2, 3, 1
    SPEED, PITCH, RANGE = 1, 3, 4
    PHONEME = 7

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(self.SYNCHRONOUS, 0, None, self.PHONEME_EVENTS_IPA)
        self.callback = Callback(self._receive)  # the library keeps a bare pointer to it
        self.library.espeak_SetSynthCallback(self.callback)

    def speak(self, text: str, random: Random) -> Utterance:
        accents = random.choices([self.ENGLISH, self.FOREIGN], [4, 1])[0]
        voice = f"{random.choice(accents)}+{random.choice(self.TIMBRES)}"
        self._check(self.library.espeak_SetVoiceByName(voice.encode()), voice)
        for parameter, lowest, highest in ((self.SPEED, 110, 230), (self.PITCH, 15, 90), (self.RANGE, 20, 80)):
            self.library.espeak_SetParameter(parameter, random.randint(lowest, highest), 0)
        self.parts, self.starts = [], []
        encoded = text.encode() + b"\0"
        self._check(self.library.espeak_Synth(encoded, len(encoded), 0, 0, 0, self.UTF8, None, None), voice)
        samples = numpy.concatenate(self.parts) / 32768
        ends = [start for _, start in self.starts[1:]] + [len(samples) / self.rate]
        phones = as_arpabet([(symbol or "pause", end) for (symbol, _), end in zip(self.starts, ends)])
        return as_new_speaker(Utterance(samples, voice, phones), self.rate, random)

    def _receive(self, samples, count, events) -> int:
        if count > 0:
            self.parts.append(numpy.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != 0:
            if events[index].type == self.PHONEME:
                symbol = events[index].phoneme.decode(errors="ignore")
                if not symbol.startswith("("):  # a word read by another language's rules
                    self.starts.append((symbol, events[index].audio_position / 1000))
            index += 1
        return 0

    @staticmethod
    def _check(error: int, voice: str):
        if error != 0:
            raise RuntimeError(f"espeak-ng: voice {voice}: error {error}")


class Flite:
    PITCHES = {"slt": 180, "rms": 105, "awb": 120, "kal16": 105}  # Hz, usual ones
    PHONES = {"y": "Y"}  # a vowel in IPA

    def speak(self, text: str, random: Random) -> Utterance:
        voice, pitch = random.choice(list(self.PITCHES.items()))
        settings = {
            "int_f0_target_mean": pitch * random.uniform(0.8, 1.3),
            "duration_stretch": random.uniform(0.75, 1.35),
        }
        flags = [word for name, value in settings.items() for word in ("--setf", f"{name}={value:.3f}")]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "speech.wav")
            command = ["flite", "-voice", voice, *flags, "-psdur", "-o", path, "-t", text]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            samples, rate = soundfile.read(path)
        # kal16 cuts the last pause short.
        segments = [word.rsplit(":", 1) for word in told.split()]
        phones = as_arpabet([(symbol, min(float(end), len(samples) / rate)) for symbol, end in segments], self.PHONES)
        return as_new_speaker(Utterance(samples, f"flite-{voice}", phones), rate, random)
