"""Parts of speech synthesis in C++: build/tests/speech_probe, job after job."""

import json
import os
import subprocess

from safetensors.torch import load_file, save_file


class SpeechProbe:
    """One process; the files of its jobs lie in a folder of their own."""

    def __init__(self, path, folder):
        self.folder = folder
        self.calls = 0
        one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([path], env=one_thread, text=True, **pipes)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def run(self, kind, tensors, **job):
        """Output tensors by name."""
        self.calls += 1
        stem = self.folder / str(self.calls)
        save_file({name: value.contiguous() for name, value in tensors.items()}, f"{stem}.input.safetensors")
        job |= {"kind": kind, "input": f"{stem}.input.safetensors", "output": f"{stem}.output.safetensors"}
        stem.with_suffix(".json").write_text(json.dumps(job))
        print(stem.with_suffix(".json"), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", answer or "speech_probe died"
        return load_file(job["output"])
