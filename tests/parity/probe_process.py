"""A program of the tests that computes in C++ what Python computes, job after job."""

import json
import os
import subprocess

from safetensors.torch import load_file, save_file


def write_tensors(tensors, path):
    save_file({name: value.contiguous() for name, value in tensors.items()}, path)


class ProbeProcess:
    """One process; the files of its jobs lie in a folder of their own."""

    def __init__(self, path, folder):
        self.folder = folder
        self.calls = 0
        one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.name = path.name
        self.process = subprocess.Popen([path], env=one_thread, text=True, **pipes)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def next_stem(self):
        """What the names of the next job's files begin with."""
        self.calls += 1
        return self.folder / str(self.calls)

    def answer(self, stem, tensors, job):
        """Output tensors by name."""
        write_tensors(tensors, f"{stem}.input.safetensors")
        job = job | {"input": f"{stem}.input.safetensors", "output": f"{stem}.output.safetensors"}
        stem.with_suffix(".json").write_text(json.dumps(job))
        print(stem.with_suffix(".json"), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", answer or f"{self.name} died"
        return load_file(job["output"])
