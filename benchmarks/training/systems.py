"""Train one adapter with one system, and say how long each step took.

    python -P benchmarks/training/systems.py SYSTEM JOB RESULT

It runs in the system's own environment and imports nothing of the benchmark. JOB is a JSON object, see `measured.Job`;
RESULT gets of each step `seconds`, `cpu` (seconds of all cores) and `losses`; `padding`, its share of the tokens; the
`precision` in words; and `gpu`, bytes of the most memory allocated and reserved on a GPU, or nothing.

All systems train on transformers' Trainer, so that one clock fits all: from the begin of a step, when its batch is
there, to its end. Loading, tokenising, evaluating and saving are left out.
"""

import json
import runpy
import sys
import time
from pathlib import Path

GIB = 2**30


def clocked():
    """Let every Trainer of this process note its steps; return their seconds, CPU seconds and losses, which fill up."""
    import torch
    from transformers import TrainerCallback, trainer

    seconds, cpu, losses = [], [], []

    def now():
        if torch.cuda.is_available():
            torch.cuda.synchronize()  # the kernels of a step run on after the call that starts them
        return time.perf_counter(), time.process_time()

    class Clock(TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            self.begun = now()

        def on_step_end(self, args, state, control, **_):
            for noted, begun, ended in zip((seconds, cpu), self.begun, now(), strict=True):
                noted.append(ended - begun)

        def on_log(self, args, state, control, logs=None, **_):
            if "loss" in (logs or {}):
                losses.append(logs["loss"])

    trainer.DEFAULT_CALLBACKS.append(Clock)
    return seconds, cpu, losses


def faqtune(job):
    """The stage of this project, as the pipeline calls it; it starts each training anew."""
    sys.argv = ["stages.train", *job["words"]]
    try:
        runpy.run_module("stages.train", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code:
            raise
    metrics = json.loads(Path(job["words"][3]).read_text())
    return metrics["loader"]["padding_share"], precision(
        job, "float32", job["dtype"] == "bfloat16", job["checkpointing"]
    )


def trainer(job, bf16=False):
    """A plain Trainer: the same tokens and labels, padded to the longest of a batch, nothing grouped by length."""
    import torch
    from peft import get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq, Trainer, TrainingArguments

    model = AutoModelForCausalLM.from_pretrained(job["model"], dtype=job["dtype"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    torch.manual_seed(job["seed"])
    made = Trainer(
        model=get_peft_model(model, lora(job)),
        args=TrainingArguments(**common(job), bf16=bf16),
        train_dataset=[{key: one[key] for key in ("input_ids", "labels")} for one in lines(job["encoded"])],
        data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=-100),
    )
    return trained(made, job), precision(job, "float32", bf16, False)


def trainer_with_bf16(job):
    """The same under autocast, as TRL has it by default, and our stage where the frozen weights are in bfloat16."""
    return trainer(job, bf16=True)


def trl(job, **changed):
    """TRL's SFTTrainer with its defaults, on prompt-completion rows, whose loss is on the completions."""
    from datasets import Dataset, disable_progress_bars
    from transformers import BitsAndBytesConfig
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    length = {"max_length": job["max_length"]} if job["max_length"] > 1024 else {}  # by default it cuts there
    quantization = {}
    if job["quantization"] == "nf4":
        quantization["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=job["dtype"],
        )  # fmt: skip
    made = SFTTrainer(
        model=job["model"],
        args=SFTConfig(**common(job), model_init_kwargs={"dtype": job["dtype"]}, **length, **changed),
        train_dataset=Dataset.from_list([{key: one[key] for key in ("prompt", "completion")} for one in rows(job)]),
        peft_config=lora(job),
        **quantization,
    )
    padding = trained(made, job)
    adapter = str(next(weight.dtype for weight in made.model.parameters() if weight.requires_grad))
    checkpointing = changed.get("gradient_checkpointing", SFTConfig.gradient_checkpointing)
    return padding, precision(job, adapter.removeprefix("torch."), made.args.bf16, checkpointing)


def trl_without_checkpointing(job):
    """The same without the one default that costs time and spares memory."""
    return trl(job, gradient_checkpointing=False)


def common(job):
    """Return what both trainers are told of batch, rate, schedule and seed, and to be quiet."""
    import torch

    return {
        "output_dir": job["folder"],
        "per_device_train_batch_size": job["micro"],
        "gradient_accumulation_steps": job["batch"] // job["micro"],
        "num_train_epochs": job["epochs"],
        "learning_rate": job["learning_rate"],
        "lr_scheduler_type": "linear",
        "warmup_steps": job["warmup_steps"],
        "seed": job["seed"],
        "logging_steps": 1,  # for the loss of each step
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": not torch.cuda.is_available(),
    }


def lora(job):
    """Return the adapter's configuration."""
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM", r=job["rank"], lora_alpha=job["alpha"], lora_dropout=0.0, target_modules="all-linear"
    )


def trained(made, job):
    """Train and save the adapter; return the share of the tokens that is padding."""
    collate, counts = made.data_collator, [0, 0]

    def counted(some):
        batch = collate(some)
        counts[0] += int(batch["attention_mask"].sum())
        counts[1] += batch["attention_mask"].numel()
        return batch

    made.data_collator = counted
    made.train()
    made.model.save_pretrained(job["adapter"])
    return 1 - counts[0] / counts[1]


def precision(job, adapter, autocast, checkpointing):
    """Return the types of frozen weights and adapter, and how it is computed, in words."""
    frozen = job["dtype"] if job["quantization"] == "none" else f"{job['quantization']} ({job['dtype']})"
    how = [name for name, on in (("autocast", autocast), ("gradient checkpointing", checkpointing)) if on]
    return ", ".join([f"{frozen}, adapter {adapter}", *how])


def rows(job):
    """Return the rows with messages of a role and a content and nothing else."""
    for row in lines(Path(job["words"][0]) / "train.jsonl"):
        yield {
            part: [{"role": m["role"], "content": m["content"]} for m in row[part]] for part in ("prompt", "completion")
        }


def lines(path):
    """Return the records of a JSONL file."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


SYSTEMS = {
    "faqtune": faqtune,
    "trainer": trainer,
    "trainer with bf16": trainer_with_bf16,
    "trl": trl,
    "trl without checkpointing": trl_without_checkpointing,
}


def main():
    """Train, and write what it took."""
    system, job, result = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
    import torch

    torch.set_num_threads(job["threads"])
    if torch.cuda.is_available() and job["gpu_gib"]:
        share = job["gpu_gib"] * GIB / torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, share))  # more is an error, as on a smaller card
    seconds, cpu, losses = clocked()
    padding, words = SYSTEMS[system](job)
    gpu = None
    if torch.cuda.is_available():
        gpu = {"allocated": torch.cuda.max_memory_allocated(), "reserved": torch.cuda.max_memory_reserved()}
    made = {"seconds": seconds, "cpu": cpu, "losses": losses, "padding": padding, "precision": words, "gpu": gpu}
    result.write_text(json.dumps(made))


if __name__ == "__main__":
    main()
