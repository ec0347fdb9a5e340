"""Parts of speech synthesis in C++: build/tests/speech_probe, job after job."""

from parity.probe_process import ProbeProcess


class SpeechProbe(ProbeProcess):
    def run(self, kind, tensors, **job):
        """Output tensors by name."""
        return self.answer(self.next_stem(), tensors, job | {"kind": kind})
