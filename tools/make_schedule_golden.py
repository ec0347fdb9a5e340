"""Golden values of the learning-rate schedules, computed by transformers.

    .venv/bin/python tools/make_schedule_golden.py    # writes tests/train/golden/schedules.json

three_phase is transformers' warm-up, stable, decay schedule: constant for 40 % of all steps, linear both ways.
"""

import json
import pathlib

import torch
import transformers
from transformers import optimization

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/train/golden/schedules.json"


def three_phase(optimiser, warmup, total):
    stable = round(0.4 * total)
    return optimization.get_wsd_schedule(
        optimiser, num_warmup_steps=warmup, num_stable_steps=stable, num_decay_steps=total - warmup - stable,
        decay_type="linear", num_cycles=0.5)


SCHEDULES = {
    "linear": optimization.get_linear_schedule_with_warmup,
    "constant": lambda optimiser, warmup, total: optimization.get_constant_schedule_with_warmup(optimiser, warmup),
    "three_phase": three_phase,
}


def case(name, total, warmup):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = SCHEDULES[name](optimiser, warmup, total)
    factors = []
    for _ in range(total):
        factors.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    return {"schedule": name, "total_steps": total, "warmup_steps": warmup, "factors": factors}


def main():
    cases = [case(name, total, warmup) for name in SCHEDULES for total, warmup in [(50, 5), (20, 0), (5, 1), (40, 24)]]
    golden = {"made_by": f"tools/make_schedule_golden.py, transformers {transformers.__version__}", "cases": cases}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
