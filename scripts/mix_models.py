#!/usr/bin/env python3
"""Weights between those of two models, of which the second was trained on from the first (WiSE-FT, Wortsman et al.
2022): it keeps what the first knew, and most of what the second learned.

    .venv/bin/python scripts/mix_models.py output/second/model output/third/model 0.9 output/mixed
"""

import argparse
import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path, help="its configuration and types are kept")
    parser.add_argument("share", type=float, help="of the second, 0 to 1")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()

    if options.out.exists():
        sys.exit(f"{options.out} is there already: remove it or name another folder")
    first, second = (load_file(model / WEIGHTS) for model in (options.first, options.second))
    if {name: value.shape for name, value in first.items()} != {name: value.shape for name, value in second.items()}:
        sys.exit(f"{options.first} and {options.second} are not of one shape")
    share = options.share
    mixed = {name: (1 - share) * first[name].float() + share * value.float() for name, value in second.items()}
    shutil.copytree(options.second, options.out)
    save_file({name: value.to(second[name].dtype) for name, value in mixed.items()}, options.out / WEIGHTS,
              metadata={"format": "pt"})


if __name__ == "__main__":
    main()
