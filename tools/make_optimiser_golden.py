"""Golden AdamW steps with gradient clipping, computed by torch.

    .venv/bin/python tools/make_optimiser_golden.py    # writes tests/train/golden/optimiser.json

Two parameters, a matrix that decays and a bias that does not; in one step the bias has no gradient.
"""

import json
import pathlib

import torch

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/train/golden/optimiser.json"
RATES = [0.0, 1e-2, 2e-2, 1e-2, 5e-3, 1e-3]
STEP_WITHOUT_BIAS = 3


def run(weight_decay, max_norm):
    generator = torch.Generator().manual_seed(1314)
    weight = torch.nn.Parameter(torch.randn(3, 4, generator=generator))
    bias = torch.nn.Parameter(torch.randn(5, generator=generator))
    case = {"weight_decay": weight_decay, "max_norm": max_norm, "weight": weight.tolist(), "bias": bias.tolist(),
            "steps": []}
    optimiser = torch.optim.AdamW(
        [{"params": [weight], "weight_decay": weight_decay}, {"params": [bias], "weight_decay": 0.0}])
    for number, rate in enumerate(RATES):
        weight.grad = torch.randn(3, 4, generator=generator)
        bias.grad = None if number == STEP_WITHOUT_BIAS else torch.randn(5, generator=generator)
        step = {"rate": rate, "weight_grad": weight.grad.tolist(),
                "bias_grad": None if bias.grad is None else bias.grad.tolist()}
        for group in optimiser.param_groups:
            group["lr"] = rate
        step["norm"] = torch.nn.utils.clip_grad_norm_([weight, bias], max_norm or float("inf")).item()
        optimiser.step()
        case["steps"].append(step | {"weight": weight.tolist(), "bias": bias.tolist()})
    return case


def main():
    cases = [run(0.0, 0.0), run(0.1, 1.0), run(0.005, 100.0)]
    golden = {"made_by": f"tools/make_optimiser_golden.py, torch {torch.__version__}", "cases": cases}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
