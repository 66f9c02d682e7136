"""How fast are answers generated, against `generate` of transformers one by one and in batches?

    python benchmarks/evaluate.py            # 96 questions to the embedded model, three rounds
    python benchmarks/evaluate.py --quick    # 48 questions, one round, within a minute on two cores
    python benchmarks/evaluate.py --student FOLDER --batch-size 128

All three answer the same questions of data/sources/faq.jsonl greedily with the same weights in the same process, in
turn. One by one is slow, so that it answers every eighth question only; what it takes is counted per answer. Of the
answers it is told how many are the same text: in bfloat16 a batch rounds otherwise than a single prompt does.

The last line is one JSON object: generation_ratio, seconds an answer one by one over ours, by the best round of each;
generation_ratio_batched likewise of `generate` in batches of the same size.
"""

import argparse
import json
import time
from typing import Any

from stages import settings
from stages.quality.leaks import read_faq
from stages.scoring import decoding
from stages.tuning import models, weights

EVERY = 8  # of these questions one is answered alone
SYSTEM = "Answer questions about Llama models. If you do not know, say so."


def main() -> None:
    """Generate, time, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--student", default=models.EMBEDDED, help="embedded, a folder, a GGUF file, or a hub id")
    parser.add_argument("--batch-size", type=int, default=64, help="prompts run together")
    parser.add_argument("--max-new-tokens", type=int, default=48, help="longest answer")
    parser.add_argument("--quick", action="store_true", help="half the questions, one round")
    given = parser.parse_args()
    questions = [one.question for one in read_faq("data/sources/faq.jsonl")][: 48 if given.quick else 96]
    model, tokenizer = weights.load(given.student), models.load_tokenizer(given.student)
    prompts = [[models.to_dict(message) for message in models.chat(SYSTEM, question)] for question in questions]
    wanted = [decoding.Wanted(messages=prompt) for prompt in prompts]
    most, size = given.max_new_tokens, given.batch_size

    def ours() -> list[str]:
        return [str(one.text) for one in decoding.run(model, tokenizer, wanted, most, size)]

    def alone() -> list[str]:
        return [generated(model, tokenizer, [prompt], most)[0] for prompt in prompts[::EVERY]]

    def batched() -> list[str]:
        groups = [prompts[start : start + size] for start in range(0, len(prompts), size)]
        return [text for group in groups for text in generated(model, tokenizer, group, most)]

    ways = {
        "ours": (ours, len(prompts)),
        "one by one": (alone, len(prompts[::EVERY])),
        "batched": (batched, len(prompts)),
    }
    generated(model, tokenizer, prompts[:1], 4)  # what is made once
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    said: dict[str, list[str]] = {}
    for _ in range(1 if given.quick else 3):
        for name, (run, count) in ways.items():
            started = time.perf_counter()
            said[name] = run()
            seconds[name].append((time.perf_counter() - started) / count)
    best = {name: min(each) for name, each in seconds.items()}
    print(f"{len(prompts)} questions, {settings.threads()} threads, batches of {size}, at most {most} tokens")
    print(f"{'':12}{'s an answer':>12}{'rounds':>30}{'same text as alone':>20}")
    for name, each in seconds.items():
        texts = said[name] if name == "one by one" else said[name][::EVERY]
        same = sum(a == b for a, b in zip(texts, said["one by one"], strict=True))
        print(f"{name:12}{best[name]:12.3f}{', '.join(f'{one:.3f}' for one in each):>30}{same:14} of {len(texts)}")
    print(json.dumps({
        "generation_ratio": round(best["one by one"] / best["ours"], 2),
        "generation_ratio_batched": round(best["batched"] / best["ours"], 2),
    }))  # fmt: skip


def generated(model: Any, tokenizer: Any, prompts: list[list[dict[str, str]]], most: int) -> list[str]:
    """Return what `generate` says to prompts, run together, padded on the left."""
    import torch

    texts = [models.render(tokenizer, prompt, add_generation_prompt=True) for prompt in prompts]
    batch = tokenizer(texts, add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
    with torch.inference_mode():
        said = model.generate(
            **batch.to(model.device), max_new_tokens=most, do_sample=False, temperature=None, top_p=None, top_k=None,
            pad_token_id=tokenizer.eos_token_id,
        )[:, batch["input_ids"].shape[1] :]  # fmt: skip
    return [str(tokenizer.decode(one, skip_special_tokens=True)).strip() for one in said]


if __name__ == "__main__":
    main()
